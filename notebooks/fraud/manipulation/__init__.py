"""A model of what resembles manipulation on a tape, trained on drawn days with injected episodes, and how it is judged.

Reading order: worlds, table, protocol, events, baselines, fits, studies, recorded, report. Features come from
`impactd fraud features`; what an episode and an everyday act are, see src/simulate/episodes. Labels are true by
construction and episodes are the experimenter's own: figures say how well such episodes are found, and no more.
"""
