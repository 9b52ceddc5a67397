//go:build tools

// Keeps helm, which is a program of its own, in this module's versions.
package main

import _ "helm.sh/helm/v3/cmd/helm"
