-- What people write beside a run, what its process said last where it failed, and what its passes
-- took, for comparing it with others.
ALTER TABLE runs ADD COLUMN name TEXT;
ALTER TABLE runs ADD COLUMN notes TEXT;
ALTER TABLE runs ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
ALTER TABLE runs ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN log TEXT;
ALTER TABLE pair_scores ADD COLUMN passes TEXT;
