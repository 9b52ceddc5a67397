module remora/protoschema

go 1.24

require (
	google.golang.org/protobuf v1.36.11
	istio.io/api v1.30.3-0.20260710004328-2e43f07b30b6
	k8s.io/api v0.31.0
	k8s.io/apimachinery v0.31.0
)
