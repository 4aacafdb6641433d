package admin

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/handlers"
)

// An attachment is a handler and the loggers that have it.
type attachment struct {
	Loggers []string `json:"loggers"`
	More    int      `json:"moreLoggers,omitempty"` // that are not listed
	Parts   []part   `json:"parts"`                 // the handler and what it wraps, outermost first

	id slog.Handler
}

// A part is a handler, or a handler inside one.
type part struct {
	Type  string          `json:"type"`
	Text  string          `json:"text"`            // what it says of itself
	Stats json.RawMessage `json:"stats,omitempty"` // what its method Stats returns
}

// addsContext is what our wrappers put around handlers of others. It counts
// nothing, and is of no interest here.
var addsContext = reflect.TypeOf(contextattrs.NewHandler(slog.DiscardHandler))

// maxLoggers bounds the loggers that are named with a handler.
const maxLoggers = 20

// serveHandlers answers GET /handlers.
func (h *handler) serveHandlers(w http.ResponseWriter, _ *http.Request, _ url.Values) *fault {
	all, more := h.attachments()
	for _, a := range all {
		for one := range handlers.All(a.id) {
			if addsContext == reflect.TypeOf(one) {
				continue
			}
			if a.Parts = append(a.Parts, part{fmt.Sprintf("%T", one), describe(one), stats(one)}); len(a.Parts) == maxListed {
				break
			}
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"handlers": all, "more": more, "errors": h.tree.Errors()})
	return nil
}

// attachments returns the handlers, and how many more there are.
func (h *handler) attachments() (all []*attachment, more int) {
	all = []*attachment{}
	known := map[slog.Handler]*attachment{}
	for l := range h.tree.All() {
		for _, id := range l.Handlers() {
			comparable := reflect.ValueOf(id).Comparable()
			if comparable && known[id] != nil {
				known[id].add(l.Name())
				continue
			}
			if len(all) == maxListed {
				more++
				continue
			}
			a := &attachment{id: id}
			a.add(l.Name())
			all = append(all, a)
			if comparable {
				known[id] = a
			}
		}
	}
	return all, more
}

func (a *attachment) add(logger string) {
	if len(a.Loggers) == maxLoggers {
		a.More++
		return
	}
	a.Loggers = append(a.Loggers, cut(logger, maxText))
}

// A listedFilter is a filter and the logger that has it.
type listedFilter struct {
	Logger string `json:"logger"`
	Type   string `json:"type"`
	Text   string `json:"text"`
}

// serveFilters answers GET /filters.
func (h *handler) serveFilters(w http.ResponseWriter, _ *http.Request, _ url.Values) *fault {
	all, more := []listedFilter{}, 0
	for l := range h.tree.All() {
		for _, f := range l.Filters() {
			if len(all) == maxListed {
				more++
				continue
			}
			all = append(all, listedFilter{cut(l.Name(), maxText), fmt.Sprintf("%T", f), describe(f)})
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"filters": all, "more": more})
	return nil
}

// describe returns what v says of itself, else its type. It outlives a String
// that panics.
func describe(v any) string {
	if s, ok := v.(fmt.Stringer); ok {
		return cut(strings.ToValidUTF8(fmt.Sprint(s), "\uFFFD"), maxText)
	}
	return fmt.Sprintf("%T", v)
}

// maxStats bounds the JSON of what one handler counts.
const maxStats = 16 << 10

// stats returns what the method Stats of a handler returns, as JSON; nil if it has no
// such method, without parameters and with one result. Each package has a type of
// its own for it, so no interface could name the method.
func stats(h slog.Handler) (text json.RawMessage) {
	defer func() {
		if v := recover(); v != nil {
			text, _ = json.Marshal(map[string]string{"panic": cut(fmt.Sprint(v), maxText)})
		}
	}()
	m := reflect.ValueOf(h).MethodByName("Stats")
	if !m.IsValid() || m.Type().NumIn() != 0 || m.Type().NumOut() != 1 {
		return nil
	}
	v := m.Call(nil)[0].Interface()
	text, err := json.Marshal(v)
	if err != nil || len(text) > maxStats {
		text, _ = json.Marshal(map[string]string{"text": cut(fmt.Sprintf("%+v", v), maxText)})
	}
	return text
}
