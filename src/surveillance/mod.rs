//! The tape's features joined with a model: scores by bin, and alerts with reasons.
