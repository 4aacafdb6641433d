// Package auxiliary is the recipe's auxiliary_module.
package auxiliary

import "github.com/slogsuite/slogsuite/slogtree"

// A Module is what Python keeps in a module's variables. Python's import
// statement makes one; here the names are the caller's to choose.
type Module struct {
	class  string
	logger *slogtree.Logger
}

// Import returns the module, whose logger has the given name, and whose class
// is called class.
func Import(name, class string) *Module {
	// create logger
	return &Module{class, slogtree.Get(name)}
}

// Auxiliary is the recipe's class.
type Auxiliary struct {
	logger *slogtree.Logger
}

// New is the class's __init__.
func (m *Module) New() *Auxiliary {
	a := &Auxiliary{logger: m.logger.Child(m.class)}
	a.logger.Info("creating an instance of " + m.class)
	return a
}

// DoSomething is the class's do_something.
func (a *Auxiliary) DoSomething() {
	a.logger.Info("doing something")
	a.logger.Info("done doing something")
}

// SomeFunction is the module's some_function.
func (m *Module) SomeFunction() {
	m.logger.Info(`received a call to "some_function"`)
}
