package config

import (
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
)

// Args are the options of one handler, formatter or filter, checked by their
// types. What the document does not give has its default. Methods panic if the kind has no
// such option, or one of another type: that is a mistake in the program.
type Args struct {
	// Formatter is the formatter that the document gives a handler, nil if none.
	Formatter formatters.Formatter

	// OnError is to be told of trouble that no record can return. It is never nil.
	OnError func(error)

	def     *definition
	targets map[string]slog.Handler
	root    string
	commit  []func() error
	spent   *int // on patterns, while the document is read; else nil
}

// option returns an option and the document's value, nil if it gives none.
func (a *Args) option(name string, types ...Type) (*Option, any) {
	o := a.def.kind.option(name)
	if o == nil || !slices.Contains(types, o.Type) {
		panic(fmt.Sprintf("config: kind %q has no option %q of type %v", a.def.kind.Name, name, types))
	}
	if v := a.def.given[o.Name]; v != nil {
		return o, v.v
	}
	return o, nil
}

// Has reports whether the document gives the option a value other than null.
func (a *Args) Has(name string) bool {
	o := a.def.kind.option(name)
	return o != nil && a.def.given[o.Name] != nil
}

// Text returns an option of TypeText.
func (a *Args) Text(name string) string {
	o, v := a.option(name, TypeText)
	if v == nil {
		return o.Default
	}
	return v.(string)
}

// Address returns an option of TypeAddress, as "host:port": with that port if it has none.
func (a *Args) Address(name, port string) string {
	o, v := a.option(name, TypeAddress)
	address := o.Default
	if v != nil {
		address = v.(string)
	}
	if _, _, err := net.SplitHostPort(address); err != nil {
		return net.JoinHostPort(strings.Trim(address, "[]"), port)
	}
	return address
}

// Bool returns an option of TypeBool.
func (a *Args) Bool(name string) bool {
	o, v := a.option(name, TypeBool)
	if v == nil {
		return o.Default == "true"
	}
	return v.(bool)
}

// Int returns an option of TypeInt or TypeSize, in bytes.
func (a *Args) Int(name string) int64 {
	o, v := a.option(name, TypeInt, TypeSize)
	if v == nil {
		n, _ := strconv.ParseInt(o.Default, 10, 64) // "" is 0
		return n
	}
	return v.(int64)
}

// Float returns an option of TypeFloat.
func (a *Args) Float(name string) float64 {
	o, v := a.option(name, TypeFloat)
	if v == nil {
		f, _ := strconv.ParseFloat(o.Default, 64) // "" is 0
		return f
	}
	return v.(float64)
}

// Duration returns an option of TypeDuration.
func (a *Args) Duration(name string) time.Duration {
	o, v := a.option(name, TypeDuration)
	if v == nil {
		d, _ := time.ParseDuration(o.Default) // "" is 0
		return d
	}
	return v.(time.Duration)
}

// Level returns an option of TypeLevel, nil if the document gives none and there is no default.
func (a *Args) Level(name string) slog.Leveler {
	o, v := a.option(name, TypeLevel)
	if v != nil {
		return v.(slog.Level)
	}
	if l, err := formatters.ParseLevel(o.Default); err == nil {
		return l
	}
	return nil
}

// Path returns an option of TypePath, within Options.Root if that is set.
func (a *Args) Path(name string) string {
	o, v := a.option(name, TypePath)
	if v == nil {
		return o.Default
	}
	return confined(a.root, v.(string))
}

// Writer returns an option of TypeStream, os.Stderr if none is given.
func (a *Args) Writer(name string) io.Writer {
	if _, v := a.option(name, TypeStream); v == "stdout" {
		return os.Stdout
	}
	return os.Stderr
}

// Texts returns an option of TypeTexts.
func (a *Args) Texts(name string) []string {
	if _, v := a.option(name, TypeTexts); v != nil {
		return slices.Clone(v.([]string))
	}
	return nil
}

// Table returns an option of TypeTable. Its values are nil, bool, int64, float64, string,
// []any and map[string]any.
func (a *Args) Table(name string) map[string]any {
	if _, v := a.option(name, TypeTable); v != nil {
		return maps.Clone(v.(map[string]any))
	}
	return nil
}

// Perm returns an option of TypePerm.
func (a *Args) Perm(name string) fs.FileMode {
	if _, v := a.option(name, TypePerm); v != nil {
		return v.(fs.FileMode)
	}
	return 0
}

// Location returns an option of TypeZone, nil if none is given.
func (a *Args) Location(name string) *time.Location {
	if _, v := a.option(name, TypeZone); v != nil {
		return v.(*time.Location)
	}
	return nil
}

// Handler returns an option of TypeHandler, nil if none is given. Its handler belongs to the
// configuration, which closes it. Level and filters are in it.
func (a *Args) Handler(name string) slog.Handler {
	if _, v := a.option(name, TypeHandler); v != nil {
		return a.targets[v.(string)]
	}
	return nil
}

// Handlers returns an option of TypeHandlers, see [Args.Handler].
func (a *Args) Handlers(name string) (hs []slog.Handler) {
	if _, v := a.option(name, TypeHandlers); v != nil {
		for _, target := range v.([]string) {
			hs = append(hs, a.targets[target])
		}
	}
	return hs
}

// Commit has f called when all handlers are made and nothing else can
// fail, just before they are published, for what can't be undone: emptying a file. If the first
// f of a document fails, Apply fails and nothing has changed; if a later one does, the configuration is
// published all the same, and the error is beside the Report.
func (a *Args) Commit(f func() error) { a.commit = append(a.commit, f) }
