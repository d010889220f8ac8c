package temporal

// This file serves Temporal's Web UI.
//
// It puts ui-server's own parts together as ui-server's NewServer does, with
// two differences that its Server leaves no room for: the listener is ours, so
// that a port that is taken is an error instead of the end of the process, and
// the connection to the frontend ends with Stop.

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"github.com/temporalio/ui-server/v2/server/api"
	"github.com/temporalio/ui-server/v2/server/config"
	"github.com/temporalio/ui-server/v2/server/csrf"
	"github.com/temporalio/ui-server/v2/server/headers"
	"github.com/temporalio/ui-server/v2/server/route"
	"github.com/temporalio/ui-server/v2/ui"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
)

// uiStopsWithin is how long a page may take to finish loading at the end.
const uiStopsWithin = 2 * time.Second

// webUI is a running Web UI.
type webUI struct {
	url      string
	server   *http.Server
	frontend *grpc.ClientConn
}

// startUI serves the Web UI. Its pages load before Temporal answers.
func startUI(o Options, frontendAddress string) (*webUI, error) {
	settings, err := uiSettings(o, frontendAddress)
	if err != nil {
		return nil, err
	}
	frontend, err := api.CreateGRPCConnection(settings)
	if err != nil {
		return nil, err
	}
	handler, err := uiHandler(settings, frontend)
	if err != nil {
		return nil, errors.Join(err, frontend.Close())
	}
	listener, err := net.Listen("tcp", hostPort(o.UIPort))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("port for the Web UI: %w", err), frontend.Close())
	}
	w := &webUI{
		url:      "http://" + listener.Addr().String(),
		server:   &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second},
		frontend: frontend,
	}
	// Serve ends with the listener, which stop closes.
	go func() { _ = w.server.Serve(listener) }()
	return w, nil
}

func uiSettings(o Options, frontendAddress string) (*config.ConfigProviderWithRefresh, error) {
	return config.NewConfigProviderWithRefresh(&config.Config{
		TemporalGRPCAddress: frontendAddress,
		DefaultNamespace:    o.Namespace,
		EnableUI:            true,
		HideLogs:            true,
		// Nothing here speaks to the outside, the browser included.
		DisableNewsFetch: true,
		Codec:            config.Codec{Endpoint: o.CodecEndpoint, PassAccessToken: false},
		// The page is served without TLS, to this machine only.
		CORS: config.CORS{CookieInsecure: true},
	})
}

// uiHandler is the Web UI's page and its way to Temporal.
func uiHandler(settings *config.ConfigProviderWithRefresh, frontend *grpc.ClientConn) (http.Handler, error) {
	assets, err := ui.Assets()
	if err != nil {
		return nil, err
	}
	pages, err := fs.Sub(assets, "local")
	if err != nil {
		return nil, err
	}
	e := echo.New()
	// No other origin may call: there is no CORS middleware, and a changing
	// request needs the cookie's token.
	e.Use(middleware.Recover(), middleware.Gzip(), middleware.Secure(),
		csrf.EnsureTokenCookie(false), middleware.CSRFWithConfig(csrf.MiddlewareConfig(settings, false)))
	route.SetHealthRoute(e)
	setAPIRoutes(e.Group("/api/v1"), settings, frontend)
	route.SetRenderRoute(e, "")
	return e, route.SetUIRoutes(e, "", pages)
}

// setAPIRoutes is the page's way to Temporal.
func setAPIRoutes(g *echo.Group, settings *config.ConfigProviderWithRefresh, frontend *grpc.ClientConn) {
	forward := []api.Middleware{headers.WithForwardHeaders([]string{"Caller-Type"})}
	methods := []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	g.GET("/settings", api.GetSettings(settings))
	g.GET(api.WorkflowRawHistoryUrl, api.WorkflowRawHistoryHandler(workflowservice.NewWorkflowServiceClient(frontend)))
	g.Match(methods, "/*", api.TemporalAPIHandler(settings, forward, frontend))
}

// connected returns when the page reaches Temporal. The connection was made
// before there was anything to connect to, and would wait for its next attempt.
func (w *webUI) connected(ctx context.Context) error {
	w.frontend.ResetConnectBackoff()
	_, err := workflowservice.NewWorkflowServiceClient(w.frontend).
		GetSystemInfo(ctx, &workflowservice.GetSystemInfoRequest{}, grpc.WaitForReady(true))
	return err
}

// stop frees the port.
func (w *webUI) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), uiStopsWithin)
	defer cancel()
	if err := w.server.Shutdown(ctx); err != nil {
		_ = w.server.Close()
	}
	_ = w.frontend.Close()
}
