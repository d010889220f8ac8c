// This file drives Chromium for the tests that look at pages as people do. Where
// there is none they are skipped, and say so: CI's machine has to have one.

package e2e

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// browser is one window.
type browser struct {
	*testing.T
	ctx context.Context
}

// openBrowser starts Chromium in a window of some size. It ends with the test.
func openBrowser(t *testing.T, width, height int) *browser {
	t.Helper()
	path := chromium(t)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.WindowSize(width, height), chromedp.NoSandbox, chromedp.Flag("disable-dev-shm-usage", true))
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Run(ctx); err != nil { // The browser lives as long as the context of the first call.
		t.Fatalf("Chromium does not start: %v", err)
	}
	b := &browser{t, ctx}
	b.do("open a window", chromedp.EmulateViewport(int64(width), int64(height)))
	return b
}

// chromium is the program; without one the test is skipped.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("there is no Chromium on this machine, so that nobody has looked at the page")
	return ""
}

// logIn opens a page as somebody, as if the name and the password had been typed: the
// browser keeps them for the pages of the same origin.
func (b *browser) logIn(page, user, password string) {
	b.Helper()
	address, err := url.Parse(page)
	if err != nil {
		b.Fatal(err)
	}
	address.User = url.UserPassword(user, password)
	b.do("log in", chromedp.Navigate(address.String()), chromedp.Navigate(page))
}

// do does something in the window.
func (b *browser) do(what string, actions ...chromedp.Action) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		b.Fatalf("%s: %v\n%s", what, err, b.text())
	}
}

// says is a script for what the page says; the Web UI shows Markdown in frames.
const says = `[document, ...[...document.querySelectorAll("iframe")].map(f => f.contentDocument)].map(d => d?.body?.innerText ?? "").join("\n")`

// text is what the page says.
func (b *browser) text() (text string) {
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	if err := chromedp.Run(ctx, chromedp.Evaluate(says, &text)); err != nil {
		return err.Error()
	}
	return text
}

// tap touches the middle of what a selector finds.
func (b *browser) tap(selector string) {
	b.Helper()
	at := evaluate[[]float64](b, fmt.Sprintf(`(() => {
		const found = document.querySelector(%q);
		found.scrollIntoView({ block: "center" });
		const box = found.getBoundingClientRect();
		return [box.x + box.width / 2, box.y + box.height / 2];
	})()`, selector))
	b.do("tap "+selector, chromedp.MouseClickXY(at[0], at[1]))
}

// awaits waits until a script answers true.
func (b *browser) awaits(what, script string) {
	b.Helper()
	for begun := time.Now(); !evaluate[bool](b, script); time.Sleep(100 * time.Millisecond) {
		if time.Since(begun) > 20*time.Second {
			b.Fatalf("waited in vain until %s:\n%s", what, b.text())
		}
	}
}

// awaitsText waits until the page says something.
func (b *browser) awaitsText(what, part string) {
	b.Helper()
	b.awaits(what, fmt.Sprintf(`(%s).includes(%q)`, says, part))
}

// reloadsUntil loads the page again until it says something.
func (b *browser) reloadsUntil(what, part string) {
	b.Helper()
	for begun := time.Now(); !strings.Contains(b.text(), part); {
		if time.Since(begun) > 20*time.Second {
			b.Fatalf("waited in vain until %s:\n%s", what, b.text())
		}
		b.do("load again", chromedp.Reload(), chromedp.Sleep(time.Second))
	}
}

// evaluate runs a script in the page.
func evaluate[T any](b *browser, script string) (value T) {
	b.Helper()
	b.do(script, chromedp.Evaluate(script, &value))
	return value
}

// picture writes what the window shows into deploy/pictures, where
// KEYSTAY_PICTURES asks for it: so the documents' pictures are made anew.
func (b *browser) picture(name string) {
	b.Helper()
	if os.Getenv("KEYSTAY_PICTURES") == "" {
		return
	}
	var png []byte
	b.do("take a picture", chromedp.CaptureScreenshot(&png))
	if err := os.WriteFile(filepath.Join("..", "..", "pictures", name), png, 0o644); err != nil {
		b.Fatal(fmt.Errorf("keeping the picture: %w", err))
	}
}
