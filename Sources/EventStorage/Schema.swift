import GRDB

/// The tables of the event log and the way from older ones to them.
package struct Schema: Sendable {
    package struct Migration: Sendable {
        package let name: String
        package let sql: String

        package init(_ name: String, sql: String) { (self.name, self.sql) = (name, sql) }
    }

    /// Oldest first; a migration that was ever released never changes.
    package var migrations: [Migration]

    package init(migrations: [Migration]) { self.migrations = migrations }

    package var version: Int { migrations.count }

    var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for (index, migration) in migrations.enumerated() {
            migrator.registerMigration(migration.name) { db in
                try db.execute(sql: migration.sql)
                try db.execute(
                    sql: "INSERT OR REPLACE INTO meta(k, v) VALUES ('schema', ?)", arguments: [index + 1])
            }
        }
        return migrator
    }

    /// What this version writes.
    package static let current = Schema(migrations: [
        Migration("1 tables", sql: tables), Migration("2 types", sql: types),
    ])

    /// `defect_embedding.inspect`: the number of the inspection's name. `recent`: the last similarities of a type's members, from which its threshold follows. A proposal is a
    /// re-clustering that waits for a person's word.
    private static let types = """
        ALTER TABLE defect_type ADD COLUMN recent BLOB;
        ALTER TABLE defect_type ADD COLUMN recent_next INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE defect_embedding ADD COLUMN inspect INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX defect_embedding_type ON defect_embedding(type, ts_ms);
        CREATE TABLE type_proposal(id INTEGER PRIMARY KEY, ts_ms INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
        """

    private static let tables = """
        CREATE TABLE meta(k TEXT PRIMARY KEY, v ANY) STRICT, WITHOUT ROWID;
        CREATE TABLE calib(id INTEGER PRIMARY KEY, inspect TEXT NOT NULL, model TEXT NOT NULL,
          ts_ms INTEGER NOT NULL, n INTEGER NOT NULL, r INTEGER NOT NULL,
          level INTEGER NOT NULL CHECK(level IN (1,2)), ppm INTEGER, bound_ppm INTEGER,
          thr REAL NOT NULL, median REAL NOT NULL, scores BLOB NOT NULL) STRICT;
        CREATE TABLE record(
          seq INTEGER PRIMARY KEY, kind INTEGER NOT NULL CHECK(kind IN (1,2,4)),
          run INTEGER NOT NULL, ts_ms INTEGER NOT NULL, mono_ns INTEGER NOT NULL,
          flags INTEGER NOT NULL DEFAULT 0, camera INTEGER,
          job INTEGER, pn INTEGER, part TEXT, verdict INTEGER CHECK(verdict BETWEEN 1 AND 4), reason INTEGER,
          score INTEGER, raw REAL, thr REAL, cluster INTEGER, x INTEGER, y INTEGER, w INTEGER, h INTEGER,
          enc INTEGER, lines INTEGER, lines_valid INTEGER, drv_seq INTEGER, exp_us INTEGER, lat_us INTEGER,
          recipe INTEGER, model TEXT, calib INTEGER REFERENCES calib(id), image INTEGER,
          late_score INTEGER, late_us INTEGER,
          code INTEGER, sev INTEGER, a INTEGER, b INTEGER,
          gap_from INTEGER, why INTEGER,
          detail TEXT,
          CHECK(kind<>1 OR (job IS NOT NULL AND verdict IS NOT NULL AND reason IS NOT NULL))) STRICT;
        CREATE UNIQUE INDEX one_final_result ON record(job) WHERE kind=1;
        CREATE INDEX record_ng ON record(verdict, seq) WHERE kind=1 AND verdict<>1;
        CREATE INDEX record_ts ON record(ts_ms);
        CREATE TABLE pending(job INTEGER PRIMARY KEY, camera INTEGER NOT NULL, pn INTEGER, part TEXT,
          deadline_ms INTEGER NOT NULL, ts_ms INTEGER NOT NULL) STRICT;
        CREATE TABLE consumer(name TEXT PRIMARY KEY, uid INTEGER NOT NULL, acked INTEGER NOT NULL,
          seen_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE image(id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, kind INTEGER NOT NULL,
          path TEXT NOT NULL, bytes INTEGER NOT NULL, sha256 BLOB NOT NULL) STRICT;
        CREATE INDEX image_seq ON image(seq);
        CREATE TABLE mark(seq INTEGER PRIMARY KEY, verdict INTEGER NOT NULL, absorb INTEGER NOT NULL DEFAULT 0,
          x INTEGER, y INTEGER, w INTEGER, h INTEGER, uid INTEGER NOT NULL, ts_ms INTEGER NOT NULL) STRICT;
        CREATE TABLE defect_type(id INTEGER PRIMARY KEY CHECK(id BETWEEN 1 AND 65534), name TEXT NOT NULL,
          inspect TEXT NOT NULL, n INTEGER NOT NULL, centre BLOB NOT NULL, theta REAL NOT NULL,
          first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, parents TEXT, state INTEGER NOT NULL) STRICT;
        CREATE TABLE defect_embedding(id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, region INTEGER NOT NULL,
          type INTEGER NOT NULL, z BLOB NOT NULL, sim REAL NOT NULL, exemplar INTEGER NOT NULL DEFAULT 0,
          ts_ms INTEGER NOT NULL, UNIQUE(seq,region)) STRICT;
        CREATE TABLE type_constraint(a INTEGER NOT NULL, b INTEGER NOT NULL, must INTEGER NOT NULL,
          uid INTEGER NOT NULL, PRIMARY KEY(a,b)) STRICT;
        CREATE TABLE type_map(old INTEGER NOT NULL, new INTEGER NOT NULL, ts_ms INTEGER NOT NULL,
          PRIMARY KEY(old,new,ts_ms)) STRICT;
        CREATE TABLE shadow(seq INTEGER NOT NULL, model TEXT NOT NULL, score INTEGER, verdict INTEGER,
          lat_us INTEGER, PRIMARY KEY(seq,model)) STRICT, WITHOUT ROWID;
        """
}
