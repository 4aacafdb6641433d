package admin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/slogtree"
	"github.com/slogsuite/slogsuite/slogtree/admin"
	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// TestPage uses the page in a real Chromium.
func TestPage(t *testing.T) {
	b := startBrowser(t)
	for _, c := range []struct {
		name string
		test func(*testing.T, *browser)
	}{
		{"hostile", pageHostile},
		{"policy", pagePolicy},
		{"levels", pageLevels},
		{"keyboard", pageKeyboard},
		{"expiry", pageExpiry},
		{"readonly", pageReadOnly},
		{"records", pageRecords},
		{"contrast", pageContrast},
		{"empty", pageEmpty},
		{"layout", pageLayout},
		{"big", pageBig},
		{"pictures", pagePictures},
	} {
		t.Run(c.name, func(t *testing.T) {
			if raceEnabled && (c.name == "big" || c.name == "hostile") {
				t.Skip("it takes long under the race detector, and has one goroutine more than the others do")
			}
			c.test(t, b)
		})
	}
}

// An evil handler and an evil filter describe themselves by HTML.
type evil struct {
	slog.Handler
	text string
}

func (e evil) String() string { return e.text }
func (e evil) Stats() any     { return map[string]any{e.text: e.text, "n": 1} }

type evilFilter struct{ text string }

func (e *evilFilter) String() string { return e.text }
func (e *evilFilter) Filter(_ context.Context, _ string, r slog.Record) (slog.Record, bool) {
	return r, true
}

// pageHostile shows names, texts and records that were made to do harm. None does, and each
// logger can be found, and its level changed.
func pageHostile(t *testing.T, b *browser) {
	names := &formatters.LevelNames{}
	names.Add(3, hostile[0])
	tree := slogtree.New(slogtree.Options{LastResort: slog.DiscardHandler, Levels: names, OnError: func(error) {}})
	keep := map[string]*slogtree.Logger{}
	for _, name := range hostile {
		keep[name] = tree.Get(name)
	}
	tree.Root().AddHandler(evil{slog.DiscardHandler, hostile[0]})
	tree.Get(hostile[1]).AddHandler(evil{slog.DiscardHandler, hostile[4]})
	tree.Get(hostile[1]).AddFilter(&evilFilter{hostile[0]})
	d := &demo{tree: tree}
	p := b.open(t, d.serve(t, admin.Options{Writable: true}).URL, look{})
	before := p.number(`document.querySelectorAll("script, img, iframe, link, style, base, object, embed, form, meta").length`)
	p.run(`$("watch").click(); $("unfold").click()`, nil)
	p.wait(`$("tailstate").textContent === "live"`)
	for _, name := range hostile {
		tree.Get(name).Info(name, name, name, "k", name)
		tree.Get(name).Log(t.Context(), 3, name)
	}
	p.wait(fmt.Sprintf(`kept.length === %d`, 2*len(hostile)))
	for _, tab := range []string{"handlers", "filters", "logger"} {
		p.run(`open("`+tab+`")`, nil)
		p.wait(tab2[tab])
	}
	rows := p.number(`nodes.filter(n => n.exists).length`)
	if int(rows) != len(hostile)+1 {
		t.Errorf("the page knows %v loggers", rows)
	}
	p.run(`(async () => {
	  for (let i = 0; i < nodes.length; i++) if (nodes[i].exists) {
	    select(i);
	    await until(() => $("path").childElementCount > 0);
	    $("levels").querySelector("[value=ERROR]").click();
	    await until(() => nodes[i].own === "ERROR");
	  }
	})()`, nil)
	for name, l := range keep {
		if l.Level() != slog.LevelError {
			t.Errorf("the page did not change the level of %.40q", name)
		}
	}
	p.run(`(async () => {
	  const tree = $("tree");
	  for (tree.scrollTop = 0; ; tree.scrollTop += 200) {
	    draw();
	    if (tree.scrollTop + tree.clientHeight >= tree.scrollHeight - 1) break;
	  }
	  for (const q of ["<img", "script", "\u0000", "long", "deep.deep", "\u202e"]) { $("search").value = q; list(); }
	  $("search").value = ""; list();
	})()`, nil)
	if p.string(`typeof window.pwned`) != "undefined" {
		t.Error("a text has run")
	}
	if after := p.number(`document.querySelectorAll("script, img, iframe, link, style, base, object, embed, form, meta").length`); after != before {
		t.Errorf("there were %v such elements, now %v", before, after)
	}
	if s := p.trouble(); s != "" {
		t.Error(s)
	}
	shown := p.string(`document.body.innerText`)
	for _, c := range []string{"\u202e", "\u200b", "\x1b", "\x00"} {
		if strings.Contains(shown, c) {
			t.Errorf("%q is shown as it is", c)
		}
	}
	for _, want := range []string{`\u{202e}`, `\u{200b}`, `\u{1b}`} {
		if !strings.Contains(shown, want) {
			t.Errorf("%s is not shown", want)
		}
	}
	runtime.KeepAlive(keep)
}

// tab2 is what each tab shows at last.
var tab2 = map[string]string{
	"handlers": `document.querySelectorAll("#pane-handlers .card").length === 2`,
	"filters":  `document.querySelectorAll("#pane-filters .card").length === 1`,
	"logger":   `!$("pane-logger").hidden`,
}

// pagePolicy is the control of the tests above: what they look for would be found.
func pagePolicy(t *testing.T, b *browser) {
	d := newDemo()
	p := b.open(t, d.serve(t, admin.Options{}).URL, look{})
	if got := p.string(`(() => { try { document.body.innerHTML = "<b>x</b>"; return "done"; } catch (e) { return e.name; } })()`); got != "TypeError" {
		t.Error("HTML from text:", got)
	}
	p.run(`new Promise(done => {
	  const e = document.createElement("button");
	  try { e.setAttribute("onclick", "window.pwned = 1"); } catch { }
	  document.body.append(e);
	  e.click();
	  const i = document.createElement("img");
	  i.onerror = done;
	  i.src = location.origin + "/x.png";
	  document.body.append(i);
	})`, nil)
	if p.string(`typeof window.pwned`) != "undefined" {
		t.Error("the policy lets a handler in an attribute run")
	}
	forbidden := strings.Join(p.strings(`forbidden`), " ")
	for _, what := range []string{"require-trusted-types-for", "img-src"} {
		if !strings.Contains(forbidden, what) {
			t.Errorf("no violation of %s was noticed: %s", what, forbidden)
		}
	}
}

// pageLevels changes levels by clicks, and sees what the program changes.
func pageLevels(t *testing.T, b *browser) {
	d := newDemo()
	p := b.open(t, d.serve(t, admin.Options{Writable: true, Create: true}).URL, look{})
	p.run(`reveal("shop.cart"); $("levels").querySelector("[value=WARNING]").click()`, nil)
	p.wait(`nodes.find(n => n.name === "shop.cart").own === "WARNING" && $("why").textContent.includes("by admin")`)
	if l := d.tree.Get("shop.cart").Level(); l != slog.LevelWarn {
		t.Errorf("the level is %v", l)
	}
	if got := p.string(`$("levels").querySelector("[aria-checked=true]").value`); got != "WARNING" {
		t.Errorf("%q is checked", got)
	}
	p.run(`[...$("levels").children].at(-1).click()`, nil)
	p.wait(`nodes.find(n => n.name === "shop.cart").own === null`)
	d.tree.Get("db").SetLevel(slogtree.LevelCritical)
	p.run(`refresh()`, nil)
	if got := p.string(`nodes.find(n => n.name === "db.pool").effective`); got != "CRITICAL" {
		t.Errorf("what the program has changed is shown as %s", got)
	}
	p.run(`reveal("http"); $("levels").querySelector("[value=DEBUG]").click()`, nil) // no logger yet
	p.wait(`nodes.find(n => n.name === "http").exists`)
	if l := d.tree.Lookup("http"); l == nil || l.Level() != slog.LevelDebug {
		t.Error("no logger was made")
	}
	if s := p.trouble(); s != "" {
		t.Error(s)
	}
}

// pageKeyboard does without a mouse, and looks at what a screen reader is told.
func pageKeyboard(t *testing.T, b *browser) {
	d := newDemo()
	p := b.open(t, d.serve(t, admin.Options{Writable: true}).URL, look{})
	p.press("/")
	p.must("Input.insertText", map[string]any{"text": "pric"})
	p.wait(`$("counts").textContent === "1 of 16 loggers"`)
	p.press("Enter")
	p.wait(`selected === "shop.orders.pricing" && document.activeElement === $("tree")`)
	active := p.string(`(e => e.getAttribute("role") + "|" + e.getAttribute("aria-label") + "|" + e.getAttribute("aria-level") + "|" + e.getAttribute("aria-selected"))($($("tree").getAttribute("aria-activedescendant")))`)
	if active != "treeitem|shop.orders.pricing, level DEBUG, inherited|4|true" {
		t.Error(active)
	}
	p.press("Enter", "ArrowRight") // from "inherit" to the first
	if got := p.string(`document.activeElement.getAttribute("role") + document.activeElement.value`); got != "radioDEBUG" {
		t.Errorf("the focus is on %s", got)
	}
	p.press("ArrowRight", "ArrowRight", "Enter")
	p.wait(`nodes.find(n => n.name === "shop.orders.pricing").own === "WARNING"`)
	if l := d.tree.Get("shop.orders.pricing").Level(); l != slog.LevelWarn {
		t.Errorf("the level is %v", l)
	}
	p.run(`$("search").value = ""; list(); $("tree").focus()`, nil)
	p.press("Home", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowLeft")
	if got := p.string(`selected + isFolded(nodes[find(selected)])`); got != "dbtrue" {
		t.Error(got)
	}
	p.press("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft", "ArrowLeft")
	if got := p.string(`selected`); got != "root" {
		t.Error(got)
	}
	nameless := p.strings(`[...document.querySelectorAll("button, input, select, [role=tree], [role=log], [role=tabpanel], section")].filter(e => !(e.getAttribute("aria-label") || e.getAttribute("aria-labelledby") || e.textContent.trim())).map(e => e.outerHTML)`)
	if len(nameless) > 0 {
		t.Error("without a name:", nameless)
	}
	var ax struct {
		Nodes []struct {
			Role, Name struct{ Value string }
		}
	}
	p.unmarshal(p.must("Accessibility.getFullAXTree", nil), &ax)
	roles := map[string]int{}
	for _, n := range ax.Nodes {
		roles[n.Role.Value]++
		if (n.Role.Value == "button" || n.Role.Value == "radio" || n.Role.Value == "treeitem" || n.Role.Value == "combobox") && n.Name.Value == "" {
			t.Errorf("a %s without a name", n.Role.Value)
		}
	}
	if roles["tree"] != 1 || roles["treeitem"] < 10 || roles["radio"] != 6 || roles["tab"] != 3 || roles["log"] != 1 {
		t.Error(roles)
	}
}

// contrastScript returns the texts whose contrast with what is behind them is below
// 4.5, as WCAG 2.2 has it for AA. Colours are drawn to learn what they are.
const contrastScript = `(() => {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const mix = layers => {
    context.clearRect(0, 0, 1, 1);
    for (const c of layers) { context.fillStyle = c; context.fillRect(0, 0, 1, 1); }
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = rgb => {
    const [r, g, b] = rgb.map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const bad = [];
  let seen = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !e.checkVisibility() || e.closest(":disabled") || /SCRIPT|STYLE|OPTION/.test(e.tagName)) continue;
    const layers = [];
    let opacity = 1;
    for (let p = e; p; p = p.parentElement) { layers.unshift(getComputedStyle(p).backgroundColor); opacity *= getComputedStyle(p).opacity; }
    const back = mix(layers), text = mix([...layers, getComputedStyle(e).color]).map((v, i) => v * opacity + back[i] * (1 - opacity));
    const [high, low] = [light(text), light(back)].sort((a, b) => b - a), ratio = (high + 0.05) / (low + 0.05);
    seen++;
    if (ratio < 4.5) bad.push(ratio.toFixed(2) + " " + e.className + " " + walker.currentNode.data.trim().slice(0, 40));
  }
  return seen < 60 ? ["only " + seen + " texts"] : bad;
})()`

// pageContrast measures the contrast of each text in both themes.
func pageContrast(t *testing.T, b *browser) {
	for _, dark := range []bool{false, true} {
		d := newDemo()
		server := d.serve(t, admin.Options{Writable: true})
		post(t, server.Config.Handler, "payments", `{"configuredLevel":"DEBUG","for":"10m"}`)
		p := b.open(t, server.URL, look{dark: dark})
		p.run(`$("watch").click()`, nil)
		p.wait(`$("tailstate").textContent === "live"`)
		d.log()
		p.wait(`document.querySelectorAll(".rec").length === 10`)
		for _, show := range []string{`reveal("shop.cart")`, `open("handlers")`, `open("filters"); $("search").value = "s"; list()`} {
			p.run(show, nil)
			p.wait(`document.querySelector("[role=tabpanel]:not([hidden])").textContent.length > 20 && (tab === "logger" ? $("path").childElementCount : document.querySelector("#pane-" + tab + " .card"))`)
			for _, bad := range p.strings(contrastScript) {
				t.Errorf("dark %v, %s: %s", dark, show, bad)
			}
		}
		p.run(`$("who").style.color = $("pane-logger").style.backgroundColor = "rgb(100,100,100)"; open("logger")`, nil)
		if bad := p.strings(contrastScript); len(bad) == 0 {
			t.Error("a text in the colour of its background was not found")
		}
	}
}

// pageExpiry sets a level for a time.
func pageExpiry(t *testing.T, b *browser) {
	d := newDemo()
	p := b.open(t, d.serve(t, admin.Options{Writable: true}).URL, look{})
	p.run(`reveal("payments"); $("for").value = "10m"; $("levels").querySelector("[value=DEBUG]").click()`, nil)
	p.wait(`$("until").textContent.startsWith("expires in 10 min")`)
	if got := d.tree.Explain("payments"); !strings.Contains(got, "admin for 10m0s") {
		t.Error(got)
	}
	if got := p.string(`document.querySelector(".row[aria-selected=true]").getAttribute("aria-label")`); !strings.Contains(got, "10 min") {
		t.Error(got)
	}
}

// pageReadOnly offers nothing that would be refused.
func pageReadOnly(t *testing.T, b *browser) {
	d := newDemo()
	p := b.open(t, d.serve(t, admin.Options{}).URL, look{})
	p.run(`reveal("shop")`, nil)
	if n := p.number(`[...$("levels").children].filter(b => !b.disabled).length`); n != 0 || p.string(`$("mode").textContent`) != "read only" {
		t.Errorf("%v levels can be clicked", n)
	}
}

// pageRecords watches, with filters.
func pageRecords(t *testing.T, b *browser) {
	d := newDemo()
	p := b.open(t, d.serve(t, admin.Options{}).URL, look{})
	p.run(`reveal("shop"); $("follow").click()`, nil)
	p.wait(`$("tailstate").textContent === "live"`)
	d.log()
	p.wait(`document.querySelectorAll(".rec").length === 4`)
	p.run(`$("taillevel").value = "ERROR"; $("taillevel").dispatchEvent(new Event("change"))`, nil)
	p.wait(`$("tailstate").textContent === "live"`)
	d.log()
	p.wait(`document.querySelectorAll(".rec").length >= 1 && kept.every(r => r.level === "ERROR")`)
	p.run(`$("tailname").value = ""; $("taillevel").value = ""; watch(true)`, nil)
	p.wait(`$("tailstate").textContent === "live"`)
	d.log()
	p.wait(`kept.some(r => r.logger === "root")`)
	p.run(`$("tailtext").value = "slow query"; $("tailtext").dispatchEvent(new Event("input"))`, nil)
	if n := p.number(`[...document.querySelectorAll(".rec")].filter(e => !e.textContent.includes("slow query")).length`); n != 0 {
		t.Errorf("%v others are shown", n)
	}
	p.run(`$("tailtext").value = ""; $("clear").click(); $("pause").click()`, nil)
	for range 3000 {
		d.tree.Root().Info("flood")
	}
	p.wait(`waiting.length >= 1000`)
	p.run(`$("pause").click()`, nil)
	if n := p.number(`$("records").childElementCount`); n > 500 {
		t.Errorf("%v elements for records", n)
	}
	p.run(`$("watch").click()`, nil)
	if s := p.trouble(); s != "" {
		t.Error(s)
	}
}

// pageBig shows 100,000 loggers by some dozens of elements. The times that it logs are for people.
func pageBig(t *testing.T, b *browser) {
	d := newDemo()
	d.big(100_000)
	server := d.serve(t, admin.Options{Writable: true})
	p := b.open(t, server.URL, look{})
	if n := p.number(`nodes.filter(n => n.exists).length`); n != 100_016 {
		t.Errorf("%v loggers", n)
	}
	var times map[string]float64
	p.run(`(async () => {
	  const times = {}, time = async (name, f) => {
	    const all = [];
	    for (let i = 0; i < 7; i++) { const t = performance.now(); await f(); $("tree").getBoundingClientRect(); all.push(performance.now() - t); }
	    times[name] = Math.round(10 * Math.min(...all)) / 10;
	  };
	  const type = s => { $("search").value = s; $("search").dispatchEvent(new Event("input")); };
	  const entry = performance.getEntriesByType("resource").find(e => e.name.endsWith("/tree"));
	  times["load the tree"] = Math.round(entry.duration);
	  times["MB"] = Math.round(entry.decodedBodySize / 1e5) / 10;
	  const answer = await (await fetch("tree")).json();
	  await time("build", () => build(answer.loggers));
	  await time("search with 10 hits", () => type("svc07.mod003"));
	  await time("search with all hits", () => type("mod"));
	  await time("search with no hit", () => type("nobody"));
	  type("");
	  await time("expand all", () => $("unfold").click());
	  await time("scroll", () => { $("tree").scrollTop = Math.random() * $("tree").scrollHeight; draw(); });
	  await time("reveal", () => reveal("svc49.mod199.part9"));
	  return times;
	})()`, &times)
	text, _ := json.Marshal(times)
	t.Logf("milliseconds: %s", text)
	if n := p.number(`document.querySelectorAll(".row").length`); n > 100 {
		t.Errorf("%v elements for rows", n)
	}
	if got := p.string(`selected`); got != "svc49.mod199.part9" {
		t.Error(got)
	}
	p.run(`$("search").value = "svc07.mod003"; list()`, nil)
	if got := p.string(`$("counts").textContent`); got != "11 of 100,016 loggers" && got != "10 of 100,016 loggers" {
		t.Error(got)
	}
	if s := p.trouble(); s != "" {
		t.Error(s)
	}
}

// pictures are those of docs/admin.
var pictures = []struct {
	name string
	look look
	big  int
	show string
}{
	{"light", look{false, 1280, 820}, 0, `reveal("shop.cart")`},
	{"dark", look{true, 1280, 820}, 0, `reveal("shop.cart")`},
	{"handlers", look{true, 1280, 820}, 0, `reveal("payments.cards.3ds"); open("handlers")`},
	{"narrow", look{true, 420, 900}, 0, `reveal("shop.cart")`},
	{"many", look{false, 1280, 820}, 100_000, `$("search").value = "mod003.part7"; list(); select(shown[3])`},
}

// pagePictures draws the pictures of the documentation anew with UPDATE_DOCS=1. Without,
// it only makes sure that they are there: they are not the same to the byte on two machines.
func pagePictures(t *testing.T, b *browser) {
	root, err := oracle.Root()
	if err != nil {
		t.Fatal(err)
	}
	for _, picture := range pictures {
		file := filepath.Join(root, "docs", "admin", picture.name+".png")
		if os.Getenv("UPDATE_DOCS") != "1" {
			if png, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(png), "\x89PNG") {
				t.Errorf("%s: %v", file, err)
			}
			continue
		}
		if err := os.WriteFile(file, draw(t, b, picture.look, picture.big, picture.show), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func draw(t *testing.T, b *browser, l look, big int, show string) []byte {
	d := newDemo()
	d.big(big)
	server := d.serve(t, admin.Options{Writable: true})
	post(t, server.Config.Handler, "payments", `{"configuredLevel":"DEBUG","for":"10m"}`)
	p := b.open(t, server.URL, l)
	p.run(`$("watch").click()`, nil)
	p.wait(`$("tailstate").textContent === "live"`)
	d.log()
	p.wait(`document.querySelectorAll(".rec").length === 10`)
	p.run(show, nil)
	p.wait(`$("path").childElementCount > 0 && (tab !== "handlers" || document.querySelector(".card"))`)
	p.run(`new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))`, nil)
	return p.picture()
}

var _ handlers.Filter = (*evilFilter)(nil)
