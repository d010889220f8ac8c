// Booting: defaults, workflows, the Web UI, restarts, two at once, ports.

package temporal

import (
	"context"
	"testing"
)

func TestBoot(t *testing.T) {
	s, err := Start(context.Background(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(s.Address(), s.UIURL(), s.Namespace())
	s.Stop()
}
