package admin_test

import (
	"log/slog"
	"testing"

	"github.com/slogsuite/slogsuite/slogtree"
	"github.com/slogsuite/slogsuite/slogtree/admin"
)

// pageEmpty says why there is nothing to see, wherever there is nothing.
func pageEmpty(t *testing.T, b *browser) {
	tree := slogtree.New(slogtree.Options{LastResort: slog.DiscardHandler})
	d := &demo{tree: tree}
	p := b.open(t, d.serve(t, admin.Options{}).URL, look{})
	is := func(where, want string) {
		t.Helper()
		if got := p.string(`document.querySelector("` + where + `").innerText`); got != want {
			t.Errorf("%s: %q, want %q", where, got, want)
		}
	}
	is("#records", "Watch shows the records that the loggers let through.")
	is("#readonly", "Levels can only be looked at: the program sets no Options.Writable.")
	p.run(`$("watch").click()`, nil)
	p.wait(`$("tailstate").textContent === "live"`)
	is("#records", "Waiting for the next record that the loggers let through.")
	tree.Root().Info("one")
	p.wait(`document.querySelectorAll(".rec").length === 1`)
	p.run(`$("tailtext").value = "two"; $("tailtext").dispatchEvent(new Event("input"))`, nil)
	is("#records", "No record that came has this text.")
	tree.Root().Info("two")
	p.wait(`document.querySelectorAll(".rec").length === 1 && !document.querySelector("#records .empty")`)
	p.run(`$("pause").click()`, nil)
	for range 3 {
		tree.Root().Info("three")
	}
	p.wait(`$("pause").textContent === "Go on (3)"`)
	p.run(`$("clear").click()`, nil)
	is("#pause", "Go on")
	is("#records", "Waiting for the next record that the loggers let through.")
	p.run(`$("watch").click(); $("search").value = "nobody"; list()`, nil)
	is("#records", "Watch shows the records that the loggers let through.")
	is("#nothing", "No logger fits.\nShow all")
	p.run(`$("all").click()`, nil)
	if got := p.string(`$("search").value + shown.length + $("nothing").hidden`); got != "1true" {
		t.Error(got)
	}
	for tab, want := range map[string]string{"handlers": "No handler is attached: records go to the last resort.", "filters": "No logger has a filter."} {
		p.run(`open("`+tab+`")`, nil)
		p.wait(`document.querySelector("#pane-` + tab + ` .empty")`)
		is("#pane-"+tab, want)
	}
	if s := p.trouble(); s != "" {
		t.Error(s)
	}
}

// layoutScript returns what is cut, or lies on something else, or makes the page wider than the window.
const layoutScript = `(() => {
  const bad = [], wide = document.documentElement;
  if (wide.scrollWidth > innerWidth) bad.push("the page is " + wide.scrollWidth + " wide");
  const all = [...document.querySelectorAll("header > *, .bar > *, [role=tab], .head > *, #levels > *, .line > *")].filter(e => e.checkVisibility() && !e.classList.contains("out"));
  const boxes = all.map(e => e.getBoundingClientRect());
  const says = e => e.id || e.textContent;
  all.forEach((e, i) => {
    const a = boxes[i], panel = (e.closest(".panel") || document.body).getBoundingClientRect();
    if (a.left < panel.left || a.right > panel.right + .5) bad.push(says(e) + " leaves its panel");
    if (/BUTTON|SPAN|LABEL/.test(e.tagName) && e.scrollWidth > e.clientWidth + 1 && e.clientWidth) bad.push(says(e) + " is cut");
    if (e.tagName === "INPUT" && e.clientWidth < 90) bad.push(says(e) + " has no room");
    for (let j = 0; j < i; j++) {
      const b = boxes[j];
      if (!e.contains(all[j]) && !all[j].contains(e) && a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1) bad.push(says(e) + " lies on " + says(all[j]));
    }
  });
  const bars = [...document.querySelectorAll(".bar")].map(e => e.clientHeight);
  if (innerWidth > 820 && Math.max(...bars) > 50) bad.push("bars of more than a line: " + bars);
  return all.length < 15 ? ["only " + all.length + " elements"] : bad;
})()`

// pageLayout looks for what is cut or covered in wide and narrow windows.
func pageLayout(t *testing.T, b *browser) {
	for _, width := range []int{320, 420, 821, 1280} {
		d := newDemo()
		server := d.serve(t, admin.Options{Writable: true})
		post(t, server.Config.Handler, "payments", `{"configuredLevel":"DEBUG","for":"10m"}`)
		p := b.open(t, server.URL, look{width: width, height: 740})
		p.run(`$("watch").click()`, nil)
		p.wait(`$("tailstate").textContent === "live"`)
		d.log()
		p.wait(`document.querySelectorAll(".rec").length === 10`)
		for _, show := range []string{`reveal("shop.orders.pricing")`, `reveal("payments")`, `open("handlers")`} {
			p.run(show, nil)
			for _, bad := range p.strings(layoutScript) {
				t.Errorf("%d wide, %s: %s", width, show, bad)
			}
		}
		p.run(`open("logger"); $("watch").style.width = "20px"`, nil)
		if bad := p.strings(layoutScript); len(bad) == 0 {
			t.Error("a button that is cut was not found")
		}
	}
}
