package temporal

// This file prepares the SQLite database: its tables and the namespace.

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
	persistencesql "go.temporal.io/server/common/persistence/sql"
	"go.temporal.io/server/common/persistence/sql/sqlplugin"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/resolver"
	"go.temporal.io/server/schema/sqlite"
	"google.golang.org/protobuf/types/known/durationpb"
)

// openDatabase makes the tables and the namespace where they are missing and
// says how to connect.
func openDatabase(o Options) (*config.SQL, error) {
	database, err := databaseConfig(o.DBFile)
	if err != nil {
		return nil, err
	}
	if o.DBFile != "" {
		if err := createTables(database); err != nil {
			return nil, fmt.Errorf("database %s: %w", o.DBFile, err)
		}
	}
	namespace, err := sqlite.NewNamespaceConfig(clusterName, o.Namespace, false, nil)
	if err != nil {
		return nil, err
	}
	namespace.Detail.Config.Retention = durationpb.New(o.Retention)
	if err := sqlite.CreateNamespaces(database, namespace); err != nil {
		return nil, err
	}
	return database, nil
}

func databaseConfig(file string) (*config.SQL, error) {
	c := &config.SQL{PluginName: sqliteplugin.PluginName}
	if file == "" {
		// In-memory databases of one process share a space of names. Temporal
		// makes their tables itself.
		c.DatabaseName = uuid.NewString()
		c.ConnectAttributes = map[string]string{"mode": "memory", "cache": "shared"}
		return c, nil
	}
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	// The name becomes a part of a URI as it is.
	c.DatabaseName = strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
	// With a write-ahead log a commit is one write, and others can read the
	// file meanwhile.
	c.ConnectAttributes = map[string]string{"mode": "rwc", "journal_mode": "wal", "synchronous": "normal"}
	return c, nil
}

// createTables sets up the schema in a file that has none. It is all or
// nothing, so that a process killed meanwhile leaves no half of it behind.
func createTables(c *config.SQL) (err error) {
	db, err := persistencesql.NewSQLAdminDB(sqlplugin.DbKindUnknown, c, resolver.NewNoopResolver(), log.NewNoopLogger(), metrics.NoopMetricsHandler)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tables, err := db.ListTables(c.DatabaseName)
	if err != nil || len(tables) > 0 {
		return err
	}
	// One connection serves the whole pool, so these statements share it.
	if err := db.Exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err := sqlite.SetupSchemaOnDB(db); err != nil {
		return errors.Join(err, db.Exec("ROLLBACK"))
	}
	return db.Exec("COMMIT")
}
