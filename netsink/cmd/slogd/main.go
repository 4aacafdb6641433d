// Slogd receives records over the network and writes them to files that rotate.
package main

func main() {}
