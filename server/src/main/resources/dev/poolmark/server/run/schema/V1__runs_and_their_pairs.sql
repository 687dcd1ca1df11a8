-- As the servers made them that kept no version: their tables stay as they are.
CREATE TABLE IF NOT EXISTS runs (
  sequence ${sequence},
  id TEXT NOT NULL UNIQUE,
  status TEXT NOT NULL,
  pooler TEXT NOT NULL,
  dataset TEXT NOT NULL,
  batch_size INTEGER NOT NULL,
  timeout_seconds BIGINT NOT NULL,
  report TEXT,
  error TEXT,
  total DOUBLE PRECISION,
  created_at BIGINT NOT NULL,
  started_at BIGINT,
  finished_at BIGINT
);
CREATE INDEX IF NOT EXISTS runs_by_status ON runs (status, dataset);
CREATE TABLE IF NOT EXISTS pair_scores (run_id TEXT PRIMARY KEY, csv_gz ${bytes} NOT NULL);
