package admin_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// A browser is a headless Chromium, spoken to by the DevTools protocol over a
// pipe: JSON, each message ended by a zero byte.
type browser struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	done chan struct{} // closed when nothing comes any more

	mu      sync.Mutex
	last    int
	pending map[int]chan message
	tabs    map[string]*tab // by session
}

type message struct {
	ID      int             `json:"id,omitempty"`
	Session string          `json:"sessionId,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  any             `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

// startBrowser starts Chromium for one test, which is skipped without one, or
// fails if REQUIRE_TOOLS=1 says that there has to be one.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("REQUIRE_TOOLS") == "1" {
			t.Fatal("there is no chromium, and REQUIRE_TOOLS=1")
		}
		t.Skip("there is no chromium (Debian's package chromium has it)")
	}
	profile, err := os.MkdirTemp("", "admin-chromium-") // not the test's, which fails if a last process of Chromium's still writes there
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(profile) })
	toIt, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, fromIt, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--force-color-profile=srgb", "--hide-scrollbars",
		"--remote-debugging-pipe", "--user-data-dir="+profile, "about:blank")
	cmd.ExtraFiles = []*os.File{toIt, fromIt} // 3 and 4
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	toIt.Close()
	fromIt.Close()
	b := &browser{cmd: cmd, in: in, done: make(chan struct{}), pending: map[int]chan message{}, tabs: map[string]*tab{}}
	go b.read(out)
	t.Cleanup(func() {
		_, _ = b.ask("", "Browser.close", nil)
		in.Close()
		watchdog := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait() // its children have no end of the pipes any more
		watchdog.Stop()
		<-b.done
		out.Close()
	})
	return b
}

// read passes on what Chromium says, until it ends.
func (b *browser) read(out io.Reader) {
	defer close(b.done)
	for r := bufio.NewReader(out); ; {
		text, err := r.ReadBytes(0)
		if err != nil {
			return
		}
		var m message
		var params json.RawMessage
		m.Params = &params
		if json.Unmarshal(text[:len(text)-1], &m) != nil {
			continue
		}
		b.mu.Lock()
		answer, t := b.pending[m.ID], b.tabs[m.Session]
		delete(b.pending, m.ID)
		b.mu.Unlock()
		if answer != nil {
			answer <- m
		} else if t != nil {
			t.note(m.Method, params)
		}
	}
}

// ask sends a command and returns its result.
func (b *browser) ask(session, method string, params any) (json.RawMessage, error) {
	answer := make(chan message, 1)
	b.mu.Lock()
	b.last++
	id := b.last
	b.pending[id] = answer
	text, err := json.Marshal(message{ID: id, Session: session, Method: method, Params: params})
	if err == nil {
		_, err = b.in.Write(append(text, 0))
	}
	b.mu.Unlock()
	if err != nil {
		return nil, err
	}
	select {
	case m := <-answer:
		if m.Error != nil {
			return nil, fmt.Errorf("%s: %s", method, m.Error.Message)
		}
		return m.Result, nil
	case <-b.done:
		return nil, errors.New(method + ": chromium has ended")
	}
}

// A tab is a page that is open.
type tab struct {
	t       *testing.T
	b       *browser
	session string

	mu       sync.Mutex
	troubles []string // exceptions, what the console says, what the policy forbade
}

// A look is how a page is looked at.
type look struct {
	dark          bool
	width, height int
}

// open opens a page and waits until it has shown the tree.
func (b *browser) open(t *testing.T, url string, l look) *tab {
	t.Helper()
	var target struct{ TargetID string }
	var session struct{ SessionID string }
	p := &tab{t: t, b: b}
	p.unmarshal(p.must("Target.createTarget", map[string]any{"url": "about:blank"}), &target)
	p.unmarshal(p.must("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}), &session)
	p.session = session.SessionID
	b.mu.Lock()
	b.tabs[p.session] = p
	b.mu.Unlock()
	for _, domain := range []string{"Page", "Runtime", "Log", "Accessibility"} {
		p.must(domain+".enable", nil)
	}
	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	if l.width == 0 {
		l.width, l.height = 1280, 800
	}
	p.must("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}})
	p.must("Emulation.setDeviceMetricsOverride", map[string]any{"width": l.width, "height": l.height, "deviceScaleFactor": 1, "mobile": false})
	p.must("Page.addScriptToEvaluateOnNewDocument", map[string]any{"source": helperScript})
	p.must("Page.navigate", map[string]any{"url": url})
	p.wait(`document.documentElement && document.documentElement.dataset.ready === "yes"`)
	return p
}

// helperScript lets tests wait for what a page shows, and notes what the policy forbids.
const helperScript = `
window.until = async condition => {
  for (const end = performance.now() + 60000; !condition();) {
    if (performance.now() > end) throw new Error("never: " + condition);
    await new Promise(r => setTimeout(r, 10));
  }
  return true;
};
window.forbidden = [];
document.addEventListener("securitypolicyviolation", e => forbidden.push(e.violatedDirective + " " + e.blockedURI));
`

func (p *tab) note(method string, params json.RawMessage) {
	switch method {
	case "Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled":
		p.mu.Lock()
		defer p.mu.Unlock()
		p.troubles = append(p.troubles, method+" "+string(params))
	}
}

// trouble returns what went wrong in the page so far.
func (p *tab) trouble() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(append(p.troubles, p.strings(`forbidden`)...), "\n")
}

func (p *tab) must(method string, params any) json.RawMessage {
	p.t.Helper()
	result, err := p.b.ask(p.session, method, params)
	if err != nil {
		p.t.Fatal(err)
	}
	return result
}

func (p *tab) unmarshal(text json.RawMessage, v any) {
	p.t.Helper()
	if err := json.Unmarshal(text, v); err != nil {
		p.t.Fatal(err)
	}
}

// run evaluates an expression, waits for it if it is a promise, and stores its value
// in v unless that is nil.
func (p *tab) run(expression string, v any) {
	p.t.Helper()
	var got struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Exception struct{ Description string }
			Text      string
		}
	}
	p.unmarshal(p.must("Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true}), &got)
	if e := got.ExceptionDetails; e != nil {
		p.t.Fatalf("%s\n%s %s", expression, e.Text, e.Exception.Description)
	}
	if v != nil {
		p.unmarshal(got.Result.Value, v)
	}
}

func (p *tab) wait(condition string) {
	p.t.Helper()
	if !strings.Contains(condition, "dataset.ready") {
		p.run("until(() => "+condition+")", nil)
		return
	}
	// The document may be another one by now.
	p.run(`new Promise(async done => { while (!(`+condition+`) || typeof until === "undefined") await new Promise(r => setTimeout(r, 10)); done(1); })`, nil)
}

func (p *tab) string(expression string) (s string) {
	p.t.Helper()
	p.run(expression, &s)
	return s
}

func (p *tab) strings(expression string) (s []string) {
	p.t.Helper()
	p.run(expression, &s)
	return s
}

func (p *tab) number(expression string) (n float64) {
	p.t.Helper()
	p.run(expression, &n)
	return n
}

// press presses keys, one after the other, by their names in JavaScript.
func (p *tab) press(keys ...string) {
	p.t.Helper()
	codes := map[string]int{"Enter": 13, "Tab": 9, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Home": 36, "End": 35, "Escape": 27, " ": 32}
	for _, key := range keys {
		down := map[string]any{"type": "keyDown", "key": key, "code": key, "windowsVirtualKeyCode": codes[key]}
		switch {
		case key == "Enter":
			down["text"] = "\r"
		case len(key) == 1:
			down["text"] = key
		}
		p.must("Input.dispatchKeyEvent", down)
		p.must("Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": key, "code": key, "windowsVirtualKeyCode": codes[key]})
	}
}

// picture returns a screenshot as PNG.
func (p *tab) picture() []byte {
	p.t.Helper()
	var shot struct{ Data string }
	p.unmarshal(p.must("Page.captureScreenshot", map[string]any{"format": "png"}), &shot)
	png, err := base64.StdEncoding.DecodeString(shot.Data)
	if err != nil {
		p.t.Fatal(err)
	}
	return png
}
