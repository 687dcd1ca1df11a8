-- Which node has a run, and until when: one that doesn't renew its lease loses its runs.
-- The machine that a client asked for, what its node last told of it, in JSON.
ALTER TABLE runs ADD COLUMN node TEXT;
ALTER TABLE runs ADD COLUMN lease BIGINT;
ALTER TABLE runs ADD COLUMN machine TEXT;
ALTER TABLE runs ADD COLUMN progress TEXT;
CREATE INDEX runs_waiting ON runs (sequence) WHERE status = 'queued';
CREATE INDEX runs_leased ON runs (lease) WHERE status = 'running';
-- Who serves this database. Times are of the database's clock.
CREATE TABLE nodes (
  name TEXT PRIMARY KEY,
  home TEXT NOT NULL,
  incarnation TEXT NOT NULL,
  clustered INTEGER NOT NULL,
  state TEXT NOT NULL,
  url TEXT,
  bus TEXT,
  description TEXT NOT NULL,
  since BIGINT NOT NULL,
  heard BIGINT NOT NULL
);
