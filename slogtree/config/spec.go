package config

// A spec is a document of any format, taken apart, before its kinds are looked
// up: what parseDict and parseINI make, and finish makes a Config of.
type spec struct {
	ini             bool // names of kinds are those of Python's module logging
	suite           bool // "version": "slogsuite/1"
	incremental     bool
	disableExisting bool

	formatters []*part // in the order of the document
	filters    []*part
	handlers   []*part
	loggers    []*loggerSpec // the root too, under the name "root"

	replaced []*loggerSpec // of an INI file: what is said of a logger before it is said again

	ignored []*Error // what Python does not look at

	defined *definitions // what finish makes of the parts
}

// A part is the definition of a formatter, filter or handler.
type part struct {
	name string
	path string // as in "handlers.file"
	at   *value // its place; of any kind

	class   *value   // what names its kind, nil if nothing does
	factory bool     // by "()"
	args    []*value // by position
	options []member // by name

	// Of handlers.
	level      *value   // nil or null is none
	formatter  *value   // the name of one, nil is none
	filters    []*value // names
	attributes *value   // "." of dictConfig, a table
}

// A loggerSpec is what a document says of a logger.
type loggerSpec struct {
	name string // "root" is the root
	path string
	at   *value

	level     *value // nil or null keeps it
	propagate *bool  // nil keeps it
	disabled  bool
	handlers  []*value // names
	filters   []*value // names
}
