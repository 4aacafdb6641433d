package formatters

import "log/slog"

// originKey is the key of the attr that carries an Origin.
const originKey = "origin"

// An Origin holds every field of CPython's LogRecord that a [slog.Record] has
// no room for. Records that come from elsewhere, such as a Python program,
// carry one as an attr (see [Origin.Attr]). Where a record carries an Origin,
// its fields are what the formatters of this package print, zero values
// included, but for the times.
//
// Without one, process is this process's id, processName MainProcess, thread
// 0, threadName MainThread, and the source fields come from the record's PC:
// module is the file's base name without its extension, funcName the bare name.
//
// An Origin must not be changed once a record carries it.
type Origin struct {
	LevelNo         int64   // levelno, a number on Python's scale
	LevelName       string  // levelname
	PathName        string  // pathname: the full path of the source file
	FileName        string  // filename: the last element of PathName
	Module          string  // module
	LineNo          int64   // lineno
	FuncName        string  // funcName; "" is None
	Created         float64 // created: seconds since 1970; 0 with MSecs 0 means the record's Time
	MSecs           float64 // msecs: milliseconds within the second of Created
	RelativeCreated float64 // relativeCreated: milliseconds since the sender's start
	Thread          int64   // thread
	ThreadName      string  // threadName
	Process         int64   // process
	ProcessName     string  // processName
	TaskName        string  // taskName; "" is None
	ExcText         string  // exc_text; "" is None
	StackInfo       string  // stack_info; "" is None
}

// NewOrigin returns what the formatters of this package print of a record that was made in this
// process, as an Origin. LevelName is Python's name, as [LevelName] has it.
func NewOrigin(r slog.Record) *Origin {
	s := sites.get(r.PC)
	return &Origin{
		LevelNo: int64(PythonLevel(r.Level)), LevelName: LevelName(r.Level),
		PathName: s.pathname, FileName: s.filename, Module: s.module, LineNo: int64(s.line), FuncName: s.funcName,
		Created: timeField(fieldCreated, r.Time, nil), MSecs: timeField(fieldMSecs, r.Time, nil), RelativeCreated: timeField(fieldRelativeCreated, r.Time, nil),
		ThreadName: mainThread, Process: processID, ProcessName: mainProcess,
	}
}

// Attr returns an attr that carries o. The formatters of this package read
// it and do not print it as an attr; to other handlers it is a group.
func (o *Origin) Attr() slog.Attr { return slog.Any(originKey, o) }

// LogValue returns o's fields as a group, under Python's names.
func (o *Origin) LogValue() slog.Value {
	if o == nil {
		return slog.GroupValue()
	}
	return slog.GroupValue(
		slog.Int64("levelno", o.LevelNo),
		slog.String("levelname", o.LevelName),
		slog.String("pathname", o.PathName),
		slog.String("filename", o.FileName),
		slog.String("module", o.Module),
		slog.Int64("lineno", o.LineNo),
		slog.String("funcName", o.FuncName),
		slog.Float64("created", o.Created),
		slog.Float64("msecs", o.MSecs),
		slog.Float64("relativeCreated", o.RelativeCreated),
		slog.Int64("thread", o.Thread),
		slog.String("threadName", o.ThreadName),
		slog.Int64("process", o.Process),
		slog.String("processName", o.ProcessName),
		slog.String("taskName", o.TaskName),
		slog.String("exc_text", o.ExcText),
		slog.String("stack_info", o.StackInfo),
	)
}
