-- Beside ASE's own tables. Rows carry the seq of the event log they were written under.
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY, time REAL NOT NULL, schema_version INTEGER NOT NULL,
    command_id TEXT, kind TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, command_id TEXT NOT NULL UNIQUE, time REAL NOT NULL,
    body TEXT NOT NULL, consumed_seq INTEGER);
CREATE INDEX IF NOT EXISTS inbox_pending ON inbox (id) WHERE consumed_seq IS NULL;
CREATE TABLE IF NOT EXISTS proposals (
    candidate TEXT PRIMARY KEY, seq INTEGER NOT NULL, ase_id INTEGER NOT NULL, generator TEXT NOT NULL,
    step INTEGER NOT NULL, model_id TEXT NOT NULL, parent TEXT, base_energy REAL NOT NULL,
    features BLOB NOT NULL, flags TEXT NOT NULL, selected_seq INTEGER);
CREATE INDEX IF NOT EXISTS proposals_pool ON proposals (candidate) WHERE selected_seq IS NULL;
CREATE INDEX IF NOT EXISTS proposals_fresh ON proposals (model_id, generator, selected_seq)
    WHERE selected_seq IS NULL;
CREATE INDEX IF NOT EXISTS proposals_energy ON proposals (base_energy);
-- which walker of a chain came to a proposal in which step; null where the search has no walkers
CREATE TABLE IF NOT EXISTS walks (
    generator TEXT NOT NULL, step INTEGER NOT NULL, candidate TEXT NOT NULL, walker INTEGER,
    seq INTEGER NOT NULL, PRIMARY KEY (generator, step, candidate)) WITHOUT ROWID;
-- labels from outside: source counts [[pretraining]] from 0
CREATE TABLE IF NOT EXISTS imported (
    number INTEGER PRIMARY KEY, seq INTEGER NOT NULL, ase_id INTEGER NOT NULL, source INTEGER NOT NULL,
    base_energy REAL NOT NULL, base_forces BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS scores (
    candidate TEXT NOT NULL, model_id TEXT NOT NULL, seq INTEGER NOT NULL, energy REAL NOT NULL,
    energy_std REAL, atom_std BLOB, PRIMARY KEY (candidate, model_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS scores_seq ON scores (seq);
CREATE TABLE IF NOT EXISTS steps (
    generator TEXT NOT NULL, step INTEGER NOT NULL, seq INTEGER NOT NULL, model_id TEXT NOT NULL,
    state TEXT NOT NULL, seconds REAL NOT NULL, base_seconds REAL NOT NULL DEFAULT 0,
    PRIMARY KEY (generator, step)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS steps_seq ON steps (seq, generator);
-- what a model, or the reference itself, gives for the properties that are followed; body is JSON
CREATE TABLE IF NOT EXISTS measured (
    model_id TEXT PRIMARY KEY, seq INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
-- what trajectories in a model did, and the jumps into new states that were put before the person; body is JSON
CREATE TABLE IF NOT EXISTS watched (
    model_id TEXT PRIMARY KEY, seq INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS jumps (
    name TEXT PRIMARY KEY, seq INTEGER NOT NULL, model_id TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
-- what a model says of the way between two minima, eV over each
CREATE TABLE IF NOT EXISTS barriers (
    first TEXT NOT NULL, second TEXT NOT NULL, model_id TEXT NOT NULL, seq INTEGER NOT NULL, rise_first REAL,
    rise_second REAL, converged INTEGER NOT NULL, seconds REAL NOT NULL, trouble TEXT NOT NULL,
    PRIMARY KEY (first, second, model_id)) WITHOUT ROWID;
