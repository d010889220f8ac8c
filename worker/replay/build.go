// This file says which build this program is.

package replay

import (
	"runtime/debug"

	"go.temporal.io/sdk/temporal"
)

// Build names a program by its sources.
type Build struct {
	// Keystay is the version of the module, "(devel)" for a build from a checkout.
	Keystay string `json:"keystay"`
	// Revision is the commit, with "+changes" where files differed from it; empty
	// where the program was built without its repository.
	Revision string `json:"revision,omitempty"`
	Go       string `json:"go"`
	SDK      string `json:"temporal_sdk"`
}

// BuildOf is the program that is running.
func BuildOf() Build {
	build := Build{SDK: temporal.SDKVersion}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return build
	}
	build.Keystay, build.Go = info.Main.Version, info.GoVersion
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision":
			build.Revision = setting.Value
		case setting.Key == "vcs.modified" && setting.Value == "true":
			build.Revision += "+changes"
		}
	}
	return build
}
