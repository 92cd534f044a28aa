//go:build tools

// Package peer keeps the program among the requirements of go.mod.
package peer

import _ "github.com/robinovitch61/kl"
