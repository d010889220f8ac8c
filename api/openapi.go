// This file serves the description of the API, which is written by hand and
// held against the code by tests.

package api

import (
	_ "embed"
	"net/http"
)

//go:embed openapi.yaml
var openAPIDocument []byte

func (s *Server) openAPI(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set(headerContentType, "application/yaml")
	_, _ = w.Write(openAPIDocument)
	return nil
}
