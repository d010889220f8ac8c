package temporal

// This file writes the configuration that others keep in YAML files: one
// process, one shard, SQLite, loopback.

import (
	"time"

	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
)

const clusterName = "active"

// serverConfig prepares the database and says how the services use it.
func serverConfig(o Options, ports ports) (*config.Config, error) {
	database, err := openDatabase(o)
	if err != nil {
		return nil, err
	}
	c := &config.Config{
		Persistence: config.Persistence{
			DefaultStore: sqliteplugin.PluginName, VisibilityStore: sqliteplugin.PluginName,
			// Fixed for the life of a database. More shards would only queue
			// for the same single connection.
			NumHistoryShards: 1,
			DataStores:       map[string]config.DataStore{sqliteplugin.PluginName: {SQL: database}},
		},
		ClusterMetadata:     clusterConfig(ports.address(frontend)),
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		PublicClient:        config.PublicClient{HostPort: ports.address(frontend)},
		Services:            map[string]config.Service{},
	}
	c.Global.Membership = config.Membership{MaxJoinDuration: 30 * time.Second, BroadcastAddress: loopback}
	for service, port := range ports {
		c.Services[string(service)] = config.Service{RPC: config.RPC{GRPCPort: port, BindOnIP: loopback}}
	}
	noArchive(c)
	return c, nil
}

func clusterConfig(frontendAddress string) *cluster.Config {
	return &cluster.Config{
		FailoverVersionIncrement: 10,
		MasterClusterName:        clusterName, CurrentClusterName: clusterName,
		ClusterInformation: map[string]cluster.ClusterInformation{
			clusterName: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: frontendAddress},
		},
	}
}

func noArchive(c *config.Config) {
	const disabled = "disabled"
	c.Archival.History.State = disabled
	c.Archival.Visibility.State = disabled
	c.NamespaceDefaults.Archival.History.State = disabled
	c.NamespaceDefaults.Archival.Visibility.State = disabled
}

// dynamicConfig is what a machine of one's own wants otherwise than a cluster,
// with the caller's wishes last.
func dynamicConfig(o Options) dynamicconfig.StaticClient {
	values := dynamicconfig.StaticClient{
		// Nothing here speaks to the outside.
		dynamicconfig.EnableServerVersionCheck.Key(): false,
		// A search attribute can be used as soon as it is added, by a worker that
		// adds it at its start.
		dynamicconfig.ForceSearchAttributesCacheRefreshOnRead.Key(): true,
		// The default is for a cluster's memory.
		dynamicconfig.HistoryCacheHostLevelMaxSize.Key(): 8192,
		// The list page, the Web UI and the tests share these.
		dynamicconfig.FrontendMaxNamespaceVisibilityRPSPerInstance.Key(): 100,
		// One partition: priorities hold over the whole task queue, and no task
		// waits in a partition that nobody polls.
		dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1,
		dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,
	}
	for key, value := range o.DynamicConfig {
		values[dynamicconfig.MakeKey(key)] = value
	}
	return values
}
