// Package pickle reads pickles, of protocols 0 to 5, without executing anything, and
// writes those of protocol 1 that CPython's SocketHandler sends.
package pickle
