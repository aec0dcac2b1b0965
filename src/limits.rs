//! Every bound of the program. Nothing grows without one here.

use std::num::NonZeroU32;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// Longest line of a text tape; a longer one is not a tape.
pub const LINE_MAX_BYTES: usize = 64 * KIB;
/// What a text reader asks of the file at a time; fits the second-level cache.
pub const READ_CHUNK_BYTES: usize = 128 * KIB;
/// Chunks of a file being parsed at a time.
pub const CHUNKS_IN_FLIGHT: usize = 8;
/// Longest line of a captured stream: a snapshot of a whole book.
pub const CAPTURE_LINE_MAX_BYTES: usize = 8 * MIB;
/// Lines of a capture that are looked at to tell its clock, and which symbols have best quotes and books.
pub const CAPTURE_LOOKED_AT_LINES: usize = 10_000;
/// By how much a row of a capture, or of Binance's public files, may come behind a later one, by the exchange's clock:
/// two seconds.
pub const CAPTURE_OVERTAKING_NANOS: i64 = 2_000_000_000;
/// Rows of a capture that wait for earlier ones at most.
pub const CAPTURE_WAITING_MAX: usize = MIB;
/// Changes of a captured book that wait for its snapshot: more than a minute of them.
pub const CAPTURE_CHANGES_WAITING_MAX: usize = 4096;
/// Snapshots of a capture whose symbol is not known yet.
pub const CAPTURE_SNAPSHOTS_WAITING_MAX: usize = 64;
/// Rows in a batch between a reader and the river.
pub const BATCH_ROWS: usize = 4096;
/// Batches a reader may be ahead of the river.
pub const BATCHES_IN_FLIGHT: usize = 16;
/// Rows of a Parquet input decoded at a time: more would mostly be time in which the system clears memory for them.
pub const PARQUET_SLICE_ROWS: usize = 128 * KIB;
/// Bytes of a page of a Parquet file, packed or not; writers make them of about one MiB.
pub const PARQUET_PAGE_MAX_BYTES: usize = 256 * MIB;
/// Bytes of a Parquet file's footer.
pub const PARQUET_FOOTER_MAX_BYTES: usize = 16 * MIB;
/// Metadata of a DBN file: hundreds of thousands of symbols.
pub const DBN_METADATA_MAX_BYTES: usize = 64 * MIB;
/// Rejected rows listed in the manifest; all are counted.
pub const REJECTS_LISTED: usize = 100;
/// Highest price of a share that is believed, nano-dollars: ten million dollars.
pub const PRICE_MAX_NANOS: i64 = 10_000_000 * 1_000_000_000;
/// Most shares in one row: a hundred billion.
pub const SIZE_MAX_SHARES: i64 = 100_000_000_000;
/// Most units in one row, where sizes are fractional: ninety billion coins of eight decimals. Sums of them have 128
/// bits.
pub const SIZE_MAX_UNITS: i64 = 9_000_000_000_000_000_000;
/// First moment that is refused, nanoseconds since 1970 UTC: the year 2200.
pub const MOMENT_END_NANOS: i64 = 7_258_118_400_000_000_000;
/// Rows of a symbol-day for which sums of shares cannot overflow.
const SYMBOL_DAY_ROWS: i64 = 40_000_000;
/// Orders in one instrument's book; one more is refused and counted.
pub const BOOK_ORDERS_MAX: usize = 4 * MIB;
/// Orders in the books of one file, all its instruments together.
pub const FILE_ORDERS_MAX: usize = 16 * MIB;
/// Price levels in one instrument's book, both sides together, where no orders are told.
pub const BOOK_LEVELS_MAX: usize = 256 * KIB;
/// Bars of one width in a symbol-day; a finer width is refused.
pub const BARS_PER_DAY_MAX: i64 = 1_000_000;
/// Horizons at which one batch reads price impact; each holds its trades until it has come.
pub const HORIZONS_MAX: usize = 16;
/// Levels of a book's side in a row; more are not read.
pub const DEPTH_LEVELS_MAX: usize = 10;
/// Kinds of buckets made in one batch.
pub const BUCKETINGS_MAX: usize = 16;
/// Most shares, trades or dollars that a bucket may hold; every whole number up to it is exact as a float.
pub const BUCKET_SIZE_MAX: i64 = 1_000_000_000_000;
/// Symbols one input file may name.
pub const SYMBOLS_PER_FILE_MAX: usize = 100_000;
/// Result rows held back per table part before they are written as a row group.
pub const ROW_GROUP_ROWS: usize = 128 * KIB;
/// Parts (symbol buckets) of a result table's date.
pub const SYMBOL_BUCKETS: u64 = 16;
/// Default of `--memory`: ticks held before the general path spills them to disk.
pub const MEMORY_DEFAULT_BYTES: usize = 1024 * MIB;
/// Smallest `--memory` the spill can work with.
pub const MEMORY_MIN_BYTES: usize = 16 * MIB;

/// Bars an online regression's window holds at most; sums of their products fit 128 bits.
pub const ONLINE_BARS_MAX: usize = 100_000;
/// Rows that teach a forecast at most; of more, evenly spaced ones do.
pub const FORECAST_ROWS_MAX: usize = 20_000;
/// Rows that teach a tree, a forest, or choose an elastic net's penalty.
pub const FORECAST_TREE_ROWS_MAX: usize = 8_000;
/// Rows that teach boosted trees, which are slow to grow.
pub const FORECAST_BOOSTED_ROWS_MAX: usize = 2_000;
/// Blocks of a walk forward, hence refits; longer samples have longer blocks.
pub const FORECAST_BLOCKS_MAX: usize = 32;
/// Residuals that calibrate an interval: the latest.
pub const CALIBRATION_RESIDUALS_MAX: usize = 2_000;
/// Bytes of a stored model at most; a larger one is not read.
pub const MODEL_MAX_BYTES: u64 = 64 * MIB as u64;

/// Messages that the NATS feed fetches at a time.
pub const NATS_FETCH_MESSAGES: usize = 64;
/// Bytes of messages that it fetches at a time.
pub const NATS_FETCH_BYTES_MAX: usize = 32 * MIB;
/// Seconds that such a request waits with the server where there are none.
pub const NATS_FETCH_SECONDS: u64 = 2;
/// Messages of the feed that wait to become durable at a time.
pub const NATS_IN_FLIGHT: usize = 16;
/// Seconds after which the server sends a message again that was not acknowledged.
pub const NATS_ACK_WAIT_SECONDS: u64 = 30;
/// Seconds for which a message is put off when the journal is full or busy.
pub const NATS_PUT_OFF_SECONDS: u64 = 1;
/// First and longest wait before the feed connects again, milliseconds.
pub const NATS_BACKOFF_MIN_MILLISECONDS: u64 = 250;
/// See there.
pub const NATS_BACKOFF_MAX_MILLISECONDS: u64 = 10_000;
/// Seconds that a stopping daemon waits for messages under way.
pub const NATS_STOP_SECONDS: u64 = 5;

/// Jobs that may wait for their turn; one more is answered 503.
pub const JOBS_QUEUED_MAX: u64 = 64;
/// Jobs that have ended and are kept, with their results; the oldest go first.
pub const JOBS_KEPT_MAX: usize = 1_000;
/// Times that a job is begun, where the daemon ends while it runs.
pub const JOB_ATTEMPTS_MAX: u32 = 3;
/// Names in the inputs of a job, and files that they may mean.
pub const JOB_INPUTS_MAX: usize = 10_000;
/// Longest name of an input.
pub const JOB_INPUT_NAME_MAX_BYTES: usize = 4 * KIB - 1;
/// Folders in folders below an input.
pub const JOB_FOLDERS_DEEP_MAX: usize = 16;
/// Symbols, and bar widths, of a job.
pub const JOB_NAMES_MAX: usize = 10_000;
/// Longest `Idempotency-Key`.
pub const JOB_KEY_MAX_BYTES: usize = 256;
/// Seconds that a job waits for its results folder while another batch writes into it.
pub const JOB_LOCK_WAIT_SECONDS: u64 = 600;
/// Milliseconds between two looks of a job that waits, and between two events of its progress.
pub const JOB_LOOK_MILLISECONDS: u64 = 250;
/// Clients that may follow the progress of jobs at a time; one more is answered 503.
pub const JOB_FOLLOWERS_MAX: usize = 64;
/// Seconds after which a job's asker should look at it.
pub const JOB_RETRY_AFTER_SECONDS: u64 = 1;
/// Bytes of a result file that are read at a time.
pub const JOB_FILE_CHUNK_BYTES: usize = 256 * KIB;

/// A configuration file at most.
pub const CONFIG_FILE_MAX_BYTES: u64 = 256 * KIB as u64;

/// Fills of one order.
pub const EXECUTION_FILLS_MAX: usize = 10_000;
/// Longest name of an order.
pub const EXECUTION_ID_MAX_CHARS: usize = 128;
/// Rows of a file of fills at most.
pub const TCA_ROWS_MAX: usize = 1_000_000;
/// Bytes of a file of fills at most.
pub const TCA_FILE_MAX_BYTES: u64 = 256 * MIB as u64;
/// Days between an order's decision and its end.
pub const EXECUTION_DAYS_MAX: i64 = 10;
/// Symbols' tapes that are held at hand for mids and benchmarks.
pub const POSTTRADE_TAPES_KEPT: usize = 16;
/// Past orders that estimates are compared with; the latest are kept.
pub const EXECUTIONS_COMPARED_MAX: usize = 20_000;
/// Orders in one request.
pub const EXECUTIONS_PER_REQUEST_MAX: usize = 500;
/// Orders that one page of the list looks at; it ends there with a cursor.
pub const EXECUTIONS_SCANNED_MAX: usize = 5_000;
/// Orders of one date; more are not recorded.
pub const EXECUTIONS_PER_DATE_MAX: usize = 100_000;
/// Damaged files of orders that are kept in mind; more are left out unnamed.
pub const EXECUTIONS_DAMAGED_MAX: usize = 1_000;
/// Seconds by which a caller's clock may be ahead.
pub const EXECUTION_CLOCK_AHEAD_SECONDS: i64 = 60;
/// Orders that one report is made of; the latest count.
pub const EXECUTIONS_REPORTED_MAX: usize = 100_000;

/// Slices of an order's schedule at most.
pub const SCHEDULE_SLICES_MAX: i64 = 60;

/// Rows of a file of labels and scores that are judged at most.
pub const JUDGED_ROWS_MAX: usize = 10_000_000;
/// Bytes of such a file at most.
pub const JUDGED_FILE_MAX_BYTES: u64 = 1024 * MIB as u64;
/// Bytes of a request's labels and scores at most.
pub const JUDGED_BODY_MAX_BYTES: usize = 32 * MIB;
/// Groups of a report that are listed; the others are counted.
pub const JUDGED_GROUPS_MAX: usize = 1_000;
/// Resamples of a report's intervals at most.
pub const JUDGED_DRAWS_MAX: i64 = 100_000;
/// Resamples that one request may ask for.
pub const HTTP_JUDGED_DRAWS_MAX: u32 = 2_000;
/// Numbers of alerts whose precision a report may be asked for.
pub const JUDGED_AT_MAX: usize = 32;

/// Rows of one HTTP answer at most.
pub const HTTP_ROWS_MAX: usize = 10_000;
/// Rows of one HTTP answer when the client does not say.
pub const HTTP_ROWS_DEFAULT: usize = 1_000;
/// Body of a request at most: a basket of orders.
pub const HTTP_BODY_MAX_BYTES: usize = 4 * MIB;
/// Body of a request that asks about one order at most.
pub const HTTP_ORDER_MAX_BYTES: usize = 64 * KIB;
/// Head of a request (request line and headers) at most.
pub const HTTP_HEAD_MAX_BYTES: usize = 32 * KIB;
/// Seconds a client may take to send its request head.
pub const HTTP_HEAD_SECONDS: u64 = 10;
/// Seconds a client may take to shake hands where TLS is spoken.
pub const HTTP_HANDSHAKE_SECONDS: u64 = 10;
/// Seconds a connection may rest between two requests.
pub const HTTP_KEEP_ALIVE_SECONDS: u64 = 75;
/// Seconds a client may take to send its request's body.
pub const HTTP_BODY_SECONDS: u64 = 30;
/// Seconds a client may take to send a batch.
pub const HTTP_BATCH_SECONDS: u64 = 120;
/// Seconds an answer may take.
pub const HTTP_REQUEST_SECONDS: u64 = 30;
/// Connections at a time.
pub const HTTP_CONNECTIONS_MAX: usize = 512;
/// Connections that wait a moment for one of those to end.
pub const HTTP_CONNECTIONS_WAITING_MAX: usize = 256;
/// How long they wait, milliseconds.
pub const HTTP_CONNECTION_WAIT_MILLIS: u64 = 250;
/// How long they wait where another was told to give its place up, milliseconds.
pub const HTTP_PLACE_WAIT_MILLIS: u64 = 2_000;
/// Requests that may compute at a time, per core.
pub const HTTP_COMPUTING_PER_CORE: usize = 1;
/// Requests that may wait for a computing permit; one more is answered 503.
pub const HTTP_WAITING_MAX: usize = 64;
/// Seconds a stopping daemon waits for answers under way.
pub const HTTP_DRAIN_SECONDS: u64 = 25;
/// Days whose files one request opens; a page that would need more ends there with a cursor.
pub const HTTP_DAYS_MAX: usize = 366;
/// Rows of a table decoded at a time while a page is filled.
pub const HTTP_SLICE_ROWS: usize = 128 * KIB;
/// Rows one request decodes; a page that would need more ends there with a cursor.
pub const HTTP_ROWS_SCANNED_MAX: usize = 2 * 1024 * KIB;
/// Days of symbols that a panel over HTTP lays side by side: ten symbols over a year. The command has no bound.
pub const HTTP_PANEL_SYMBOL_DAYS_MAX: usize = 2_520;
/// The third power of the symbols, day by day, that cross-impact over HTTP fits: ten symbols over 21 days, some ten
/// seconds of one core.
pub const HTTP_PANEL_CROSS_CUBES_MAX: usize = 21_000;
/// Seconds a client may take to accept the next bytes of an answer.
pub const HTTP_WRITE_SECONDS: u64 = 30;
/// Seconds after which a client that was turned away should ask again.
pub const HTTP_RETRY_AFTER_SECONDS: u64 = 1;
/// Seconds between two lines in the log about clients that were turned away for want of a connection.
pub const HTTP_TURNED_AWAY_LOG_SECONDS: u64 = 1;
/// Length of a request id that is taken over from the client.
pub const HTTP_REQUEST_ID_MAX_BYTES: usize = 64;

/// Questions a second a key, with a burst of twice as many.
pub const ACCESS_READS_PER_SECOND: NonZeroU32 = number(50);
/// Batches a second a key, with a burst of twice as many.
pub const ACCESS_BATCHES_PER_SECOND: NonZeroU32 = number(10);
/// Failed logins a minute an address.
pub const ACCESS_FAILURES_PER_MINUTE: NonZeroU32 = number(5);
/// Addresses whose failed logins are counted apart; more share one count.
pub const ACCESS_ADDRESSES_MAX: usize = 4_096;
/// Milliseconds between two looks at the book of keys.
pub const ACCESS_LOOK_MILLIS: u64 = 1_000;
/// Seconds between two writings of when keys were last used.
pub const ACCESS_USED_SECONDS: u64 = 30;
/// Seconds for which further denials of an address are counted rather than written one by one.
pub const AUDIT_FOLD_SECONDS: u64 = 60;
/// Addresses whose denials are counted apart; those of more are counted together.
pub const AUDIT_FOLDED_MAX: usize = 256;
/// Lines of denials in that time; more are counted together.
pub const AUDIT_DENIALS_MAX: usize = 32;
/// Lines that may wait for being written to the audit.
pub const AUDIT_WAITING_MAX: usize = 1_024;
/// Longest text of a line of the audit.
pub const AUDIT_TEXT_MAX_CHARS: usize = 500;
/// Lines of the audit read at a time.
pub const AUDIT_PAGE_LINES: usize = 1_000;
/// Longest name of a key's owner.
pub const KEY_OWNER_MAX_CHARS: usize = 64;
/// Keys that one folder may have, with those that count no more.
pub const KEYS_MAX: usize = 10_000;

/// Body of an inference request at most, as sent and decompressed: 100,000 rows of 41 numbers in JSON.
pub const INFERENCE_BODY_MAX_BYTES: usize = 64 * MIB;
/// Bodies of inference requests held at a time, together; one more is answered 503.
pub const INFERENCE_BODIES_MAX_BYTES: usize = 256 * MIB;
/// Values of a tensor in JSON; binary tensors are bounded by their bytes.
pub const INFERENCE_VALUES_MAX: usize = 8 * 1024 * KIB;
/// A name, a version or an id in an inference request at most.
pub const INFERENCE_NAME_MAX_BYTES: usize = 256;
/// Body of an inference request up to which it is read on the spot; a larger one waits for a computing permit.
pub const INFERENCE_SMALL_BYTES: usize = 64 * KIB;
/// An answer that is compressed, where the client takes it, has at least so many bytes.
pub const INFERENCE_PACKED_MIN_BYTES: usize = KIB;

/// Most shares of one order: a billion, a few times the largest company's daily volume.
pub const ORDER_SHARES_MAX: i64 = 1_000_000_000;
/// Most dollars of one order: a hundred billion.
pub const ORDER_NOTIONAL_MAX_USD: f64 = 1e11;
/// Longest horizon of an order: a week; it is cut to the session in any case.
pub const ORDER_HORIZON_MAX_SECONDS: f64 = 604_800.0;
/// Longest text in an order, such as its symbol or the client's own reference.
pub const ORDER_TEXT_MAX_CHARS: usize = 128;
/// Pieces of a caller's own schedule.
pub const ORDER_PIECES_MAX: usize = 390;
/// Rates a caller may ask to see on the cost curve.
pub const ORDER_RATES_MAX: usize = 32;
/// Recent orders of an account that a request may list.
pub const ORDER_RECENT_MAX: usize = 1_000;
/// Orders in a basket.
pub const BASKET_LINES_MAX: usize = 1_000;
/// A limits file at most.
pub const LIMITS_FILE_MAX_BYTES: u64 = 1024 * 1024;
/// Entries of a kind in a limits file.
pub const LIMITS_ENTRIES_MAX: usize = 10_000;
/// Days an override of a limit may last.
pub const LIMITS_OVERRIDE_DAYS_MAX: i64 = 31;
/// Age of the last usable quote beyond which nothing is judged by it, where the limits file says nothing.
pub const QUOTE_STALE_SECONDS: f64 = 300.0;
/// Calendar days after which daily volume and volatility are called stale.
pub const DAYS_STALE: i64 = 7;
/// Bars at the end of the tape without a usable quote that mean a halt.
pub const HALTED_BARS: u64 = 3;
/// How many times its usual width makes a spread unusually wide: the price collar turns soft.
pub const SPREAD_WIDE_TIMES: f64 = 5.0;
/// Earlier days of a symbol that an estimate looks at.
pub const PRETRADE_DAYS: usize = 21;
/// Symbols whose days are held for estimates: about a megabyte each.
pub const PRETRADE_SYMBOLS_KEPT: usize = 128;
/// Symbols and minutes whose reference numbers and calibration are held.
pub const PRETRADE_REFERENCES_KEPT: usize = 512;
/// Intervals held for a symbol and minute: one a horizon and level.
pub const PRETRADE_SPREADS_KEPT: usize = 64;
/// Locks under which what is not at hand is made: symbols that share one wait for each other.
pub const PRETRADE_STRIPES: usize = 64;
/// Answers held for those who come back with an estimate's id.
pub const PRETRADE_ANSWERS_KEPT: usize = 4_096;

/// Symbols of a session that are followed live at most; events of further ones are durable, and in the tables.
pub const LIVE_SYMBOLS_MAX: usize = 20_000;
/// Bars of the finest width of all symbols that are followed live, 1.5 GB of them: with finer bars, fewer symbols are.
pub const LIVE_BARS_MAX: usize = 8 * MIB;
/// Ticks that wait for the watermark at most; one more moves the watermark up to the latest.
pub const LIVE_WAITING_MAX: usize = 4 * MIB;
/// Stretches of missing sequence numbers that are listed; all are counted.
pub const LIVE_GAPS_LISTED: usize = 8;
/// Batches between the journal and the engine.
pub const LIVE_ONWARD_BATCHES: usize = 64;
/// Milliseconds between two looks at which sessions are over.
pub const LIVE_LOOK_MILLIS: u64 = 250;
/// Seconds behind a session's close, and of silence of its feeds, after which the clock ends it.
pub const LIVE_CLOSE_PATIENCE_SECONDS: u64 = 300;
/// Seconds behind the last late event after which a session's tables are written anew.
pub const LIVE_LATE_PATIENCE_SECONDS: u64 = 5;
/// Seconds until tables that could not be written are tried again.
pub const LIVE_LANDING_RETRY_SECONDS: u64 = 10;
/// Messages held for subscribers who come back or are slow.
pub const LIVE_RING_MESSAGES: usize = 64 * KIB;
/// Subscribers at a time; one more is answered 503.
pub const LIVE_SUBSCRIBERS_MAX: usize = 64;

/// Events of one batch.
pub const LIVE_BATCH_EVENTS_MAX: usize = 250_000;
/// Symbols one batch may name.
pub const LIVE_BATCH_SYMBOLS_MAX: usize = 20_000;
/// New York dates of one batch's events.
pub const LIVE_BATCH_DATES_MAX: usize = 8;
/// Longest line of a batch in text: an event has twenty short fields.
pub const LIVE_LINE_MAX_BYTES: usize = 4 * KIB;
/// Longest symbol of an event.
pub const LIVE_SYMBOL_MAX_BYTES: usize = 64;
/// Longest name of a source.
pub const LIVE_SOURCE_MAX_CHARS: usize = 64;
/// Longest name of a batch.
pub const LIVE_BATCH_ID_MAX_CHARS: usize = 128;
/// Head of a frame in an Arrow stream at most; twenty flat columns need a few kilobytes.
pub const LIVE_ARROW_HEAD_MAX_BYTES: usize = 256 * KIB;
/// Seconds by which an event may be ahead of this machine's clock.
pub const LIVE_CLOCK_AHEAD_SECONDS: i64 = 60;
/// First moment of an event, nanoseconds since 1970 UTC: the year 1990. Seconds or milliseconds taken for nanoseconds
/// lie before it.
pub const LIVE_MOMENT_FIRST_NANOS: i64 = 631_152_000_000_000_000;

/// Symbols a client of the stream may ask for.
pub const LIVE_STREAM_SYMBOLS_MAX: usize = 256;
/// Seconds without a message after which a client of the stream hears a comment.
pub const LIVE_KEEP_ALIVE_SECONDS: u64 = 15;
/// Body of a batch of events at most, as sent.
pub const EVENTS_BODY_MAX_BYTES: usize = 32 * MIB;
/// The same, unpacked.
pub const EVENTS_UNPACKED_MAX_BYTES: usize = 100 * MIB;
/// Bodies of events held at a time, together, as sent; one more is answered 503.
pub const EVENTS_BODIES_MAX_BYTES: usize = 256 * MIB;
/// How many times its length a packed body may unpack to.
pub const HTTP_UNPACKED_RATIO_MAX: usize = 100;
/// A body may unpack to so much whatever its length.
pub const HTTP_UNPACKED_SMALL_BYTES: usize = MIB;

/// Batches that a replay prepares while one is being sent.
pub const REPLAY_BODIES_AHEAD: usize = 4;
/// Seconds that a paced replay's batch spans at most, as the daemon sees them.
pub const REPLAY_SPAN_SECONDS: f64 = 0.1;
/// Answer of a daemon at most that a command reads.
pub const CLIENT_ANSWER_MAX_BYTES: u64 = MIB as u64;
/// Seconds a request of a command may take.
pub const CLIENT_REQUEST_SECONDS: u64 = 60;

/// An ONNX graph at most.
pub const SCORING_GRAPH_MAX_BYTES: u64 = 256 * MIB as u64;
/// A model's manifest at most.
pub const SCORING_MANIFEST_MAX_BYTES: u64 = 256 * KIB as u64;
/// A model's golden rows at most.
pub const SCORING_GOLDEN_MAX_BYTES: u64 = 16 * MIB as u64;
/// Versions on a shelf that are loaded; more are listed as failed.
pub const SCORING_MODELS_MAX: usize = 64;
/// Inputs, and outputs, of a model.
pub const SCORING_TENSORS_MAX: usize = 64;
/// Dimensions of a tensor.
pub const SCORING_DIMENSIONS_MAX: usize = 8;
/// Rows of one request to a model.
pub const SCORING_ROWS_MAX: usize = 256 * KIB;
/// Elements of one request to a model, all inputs together.
pub const SCORING_ELEMENTS_MAX: usize = 32 * MIB;
/// Requests that may wait for a model; one more is refused.
pub const SCORING_WAITING_MAX: usize = 256;
/// Elements of the requests that may wait for a model, unless a single one waits.
pub const SCORING_WAITING_ELEMENTS_MAX: usize = 64 * MIB;
/// Rows above which a request is cut into pieces that run beside each other, for the smallest graphs.
pub const SCORING_PIECE_ROWS_MAX: usize = 4 * KIB;
/// The same for the largest graphs.
pub const SCORING_PIECE_ROWS_MIN: usize = 256;
/// A piece's rows times the graph's bytes, between these: some milliseconds of work.
pub const SCORING_PIECE_BYTES: usize = 64 * MIB;
/// Rows of a piece on a CUDA device.
pub const SCORING_PIECE_ROWS_CUDA: usize = 64 * KIB;
/// Rows of requests that are joined into one run.
pub const SCORING_JOINED_ROWS_MAX: usize = KIB;
/// Threads of a model, each with a session.
pub const SCORING_THREADS_MAX: usize = 8;
/// Seconds a request to a model may take.
pub const SCORING_REQUEST_SECONDS: u64 = 25;
/// Rows of a file that are read, scored and written at a time.
pub const FRAUD_BLOCK_ROWS: usize = 32 * KIB;
/// Seconds between two looks at the folder of models.
pub const SCORING_LOOK_SECONDS: u64 = 2;

/// Atoms that a resample is drawn over; of more, neighbouring scores are taken together.
pub const BOOTSTRAP_ATOMS_MAX: usize = 32 * KIB;
/// Visits to an atom of all draws together; where more are asked for, draws are fewer.
pub const BOOTSTRAP_WORK_MAX: u64 = 1_000_000_000;
/// Rows or groups of a class that the jackknife leaves out.
pub const JACKKNIFE_UNITS_MAX: usize = 1_000;
/// Visits to an atom while they are left out; of many atoms fewer are.
pub const JACKKNIFE_WORK_MAX: usize = 40_000_000;

/// Seconds that a connection to a book in SQLite waits for another's lock.
pub const LEDGER_BUSY_SECONDS: u64 = 5;
/// Page of a book in SQLite.
pub const LEDGER_PAGE_BYTES: u32 = 8 * KIB as u32;
/// Free bytes of a disk below which a failed write means that it is full.
pub const LEDGER_SPARE_BYTES: u64 = MIB as u64;
/// The journal's write-ahead log at most; a quarter of the journal where that is less.
pub const JOURNAL_LOG_MAX_BYTES: u64 = 256 * MIB as u64;
/// Bytes written to that log after which they are moved into the journal's file.
pub const JOURNAL_CHECKPOINT_BYTES: u64 = 16 * MIB as u64;
/// The journal at least: less could not hold its tables and a log.
pub const JOURNAL_MIN_BYTES: u64 = 4 * MIB as u64;
/// Chunks of the journal read, or swept away, in one transaction.
pub const JOURNAL_PIECE_CHUNKS: u32 = 32;
/// Session dates of one batch.
pub const BATCH_DATES_MAX: usize = 64;
/// Stretches of a source's numbers seen on a session date; more mean that the numbers are none.
pub const SEQUENCE_RANGES_MAX: usize = 256 * KIB;
/// Such stretches held in memory, of all sources and dates.
pub const SEQUENCE_RANGES_HELD: usize = 4 * SEQUENCE_RANGES_MAX;
/// Batches that may wait to become durable; one more is refused.
pub const LIVE_QUEUE_BATCHES_MAX: usize = 256;
/// Bytes of the batches that may wait, unless a single one does.
pub const LIVE_QUEUE_MAX_BYTES: usize = 256 * MIB;
/// Batches that become durable together.
pub const LIVE_GROUP_BATCHES_MAX: usize = 64;
/// Bytes of the batches that become durable together, unless a single one does.
pub const LIVE_GROUP_MAX_BYTES: usize = 32 * MIB;

// The widest products that stages form of prices: 50 spreads of up to two prices each (clean), 10 times the
// distance of two prices (sign); and the sums of four sizes a row (flow).
const _: () = assert!(PRICE_MAX_NANOS < i64::MAX / 128);
const _: () = assert!(SIZE_MAX_SHARES <= i64::MAX / 2 / SYMBOL_DAY_ROWS);
// A trade's value times its shares, by which buckets cut it.
const _: () =
    assert!(SIZE_MAX_SHARES as i128 <= i128::MAX / PRICE_MAX_NANOS as i128 / SIZE_MAX_SHARES as i128);
const _: () = assert!(BOOK_ORDERS_MAX as i64 <= i64::MAX / SIZE_MAX_SHARES);
// Depth summed over a day, of both sides at their largest, in unit-nanoseconds; and a day's flow.
const _: () = assert!(2 * (SIZE_MAX_UNITS as i128) < i128::MAX / 86_400_000_000_000);
const _: () = assert!(4 * (SIZE_MAX_UNITS as i128) < i128::MAX / SYMBOL_DAY_ROWS as i128);
const _: () = assert!(MOMENT_END_NANOS < i64::MAX - 86_400_000_000_000);
const _: () = assert!(READ_CHUNK_BYTES >= 2 * LINE_MAX_BYTES);
const _: () = assert!(HTTP_ROWS_DEFAULT <= HTTP_ROWS_MAX);
const _: () = assert!(INFERENCE_BODY_MAX_BYTES <= INFERENCE_BODIES_MAX_BYTES);
const _: () = assert!(SCORING_REQUEST_SECONDS < HTTP_REQUEST_SECONDS);

/// A number that is not zero.
const fn number(n: u32) -> NonZeroU32 {
    match NonZeroU32::new(n) {
        Some(n) => n,
        None => NonZeroU32::MIN,
    }
}

/// Share of the disk under the results folder that is free, in percent, below which somebody should look.
pub const DISK_LOW_PERCENT: f64 = 5.0;
/// The same in bytes.
pub const DISK_LOW_BYTES: u64 = 1024 * MIB as u64;
/// Open files that a daemon needs: a descriptor a connection, and those of results, books and models.
pub const FILES_NEEDED: u64 = 2 * HTTP_CONNECTIONS_MAX as u64;
/// Seconds by which the clock may be behind what lies in the results folder.
pub const CLOCK_BEHIND_SECONDS: u64 = 60;
/// Seconds since 1970 before which no clock can be right: the start of 2025.
pub const CLOCK_FIRST_SECONDS: u64 = 1_735_689_600;
/// Seconds that a synced write of a few bytes may take before somebody should look at the disk.
pub const SYNC_SLOW_SECONDS: f64 = 0.1;
/// Durable batches that are not in live numbers yet from which on they are said to lag.
pub const LIVE_BEHIND_BATCHES: u64 = 256;
/// Share of the journal's bound, percent, from which on somebody should look.
pub const JOURNAL_NEARLY_FULL_PERCENT: u64 = 90;
/// Seconds without an event, in a session under way today, after which a feed is called silent.
pub const FEEDS_SILENT_SECONDS: i64 = 60;
