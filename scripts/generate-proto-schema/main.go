// Prints, as JSON, the messages that Istio's injector reads: MeshConfig, the ProxyConfig resource, the operator's
// Values, and everything reachable from them. scripts/generate-proto-schema.ts runs it once per Istio release,
// with go.mod pointing at that release's istio.io/api and with the operator's generated package copied to ./values.
package main

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	mesh "istio.io/api/mesh/v1alpha1"
	networking "istio.io/api/networking/v1beta1"

	values "remora/protoschema/values"
)

type field struct {
	Json      string `json:"json"`
	Proto     string `json:"proto"`
	Go        string `json:"go"`
	Number    int    `json:"number"`
	Kind      string `json:"kind"`
	Container string `json:"container,omitempty"` // list, map
	Key       string `json:"key,omitempty"`       // kind of a map's key
	Message   string `json:"message,omitempty"`
	Enum      string `json:"enum,omitempty"`
	Oneof     string `json:"oneof,omitempty"`   // Go name of the oneof
	Wrapper   string `json:"wrapper,omitempty"` // Go type that holds this member of the oneof
	Present   bool   `json:"presence,omitempty"`
}

type message struct {
	GoType string   `json:"goType"`
	Fields []*field `json:"fields"`
}

type enum struct {
	GoType string         `json:"goType"`
	Names  map[int]string `json:"names"`
}

type dump struct {
	Messages map[string]*message `json:"messages"`
	Enums    map[string]*enum    `json:"enums"`
}

// short gives `mesh.ProxyConfig`, `operator.Values`, `google.Duration`: the same for every release.
func short(d protoreflect.Descriptor) string {
	full := string(d.FullName())
	for _, family := range [][2]string{
		{"istio.mesh.v1alpha1.", "mesh."},
		{"istio.networking.v1alpha3.", "networking."},
		{"istio.networking.v1beta1.", "networking-v1beta1."},
		{"istio.type.v1beta1.", "type."},
		{"istio.operator.v1alpha1.", "operator."},
		{"v1alpha1.", "operator."},
		{"google.protobuf.", "google."},
	} {
		if rest, ok := strings.CutPrefix(full, family[0]); ok {
			return family[1] + rest
		}
	}
	return full
}

func (out *dump) add(m proto.Message) {
	d := m.ProtoReflect().Descriptor()
	name := short(d)
	// Kubernetes' own messages stand in Values from 1.20 on; what is in them is not looked into.
	if out.Messages[name] != nil || strings.HasPrefix(name, "k8s.") {
		return
	}
	goType := reflect.TypeOf(m).Elem()
	entry := &message{GoType: goType.String(), Fields: []*field{}}
	out.Messages[name] = entry
	goNames, oneofs := namesOf(goType)
	for i := 0; i < d.Fields().Len(); i++ {
		fd := d.Fields().Get(i)
		f := &field{
			Json: fd.JSONName(), Proto: string(fd.Name()), Number: int(fd.Number()), Kind: fd.Kind().String(),
			Go: goNames[string(fd.Name())], Present: fd.HasPresence(),
		}
		value := fd
		switch {
		case fd.IsList():
			f.Container = "list"
		case fd.IsMap():
			f.Container, f.Key = "map", fd.MapKey().Kind().String()
			value = fd.MapValue()
			f.Kind = value.Kind().String()
		}
		if od := fd.ContainingOneof(); od != nil && !od.IsSynthetic() {
			f.Oneof = oneofs[string(od.Name())]
			probe := m.ProtoReflect().New()
			if fd.Message() != nil {
				probe.Mutable(fd)
			} else {
				probe.Set(fd, fd.Default())
			}
			held := reflect.ValueOf(probe.Interface()).Elem().FieldByName(f.Oneof).Elem().Elem().Type()
			f.Wrapper, f.Go = held.String(), held.Field(0).Name
		}
		if value.Message() != nil {
			f.Message = short(value.Message())
			out.addField(m, fd)
		}
		if ed := value.Enum(); ed != nil {
			f.Enum = short(ed)
			names := map[int]string{}
			for j := 0; j < ed.Values().Len(); j++ {
				names[int(ed.Values().Get(j).Number())] = string(ed.Values().Get(j).Name())
			}
			out.Enums[f.Enum] = &enum{GoType: enumType(m, f.Go, goType, fd), Names: names}
		}
		entry.Fields = append(entry.Fields, f)
	}
}

func (out *dump) addField(m proto.Message, fd protoreflect.FieldDescriptor) {
	probe := m.ProtoReflect().New()
	switch {
	case fd.IsList():
		out.add(probe.Mutable(fd).List().NewElement().Message().Interface())
	case fd.IsMap():
		out.add(probe.Mutable(fd).Map().NewValue().Message().Interface())
	default:
		out.add(probe.NewField(fd).Message().Interface())
	}
}

func enumType(m proto.Message, name string, goType reflect.Type, fd protoreflect.FieldDescriptor) string {
	if f, ok := goType.FieldByName(name); ok {
		t := f.Type
		for t.Kind() == reflect.Slice || t.Kind() == reflect.Map || t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		return t.String()
	}
	return string(fd.Enum().Name())
}

// namesOf reads Go's field names: by proto name, and of oneofs.
func namesOf(t reflect.Type) (map[string]string, map[string]string) {
	names, oneofs := map[string]string{}, map[string]string{}
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		if oneof, ok := f.Tag.Lookup("protobuf_oneof"); ok {
			oneofs[oneof] = f.Name
		}
		for _, part := range strings.Split(f.Tag.Get("protobuf"), ",") {
			if name, ok := strings.CutPrefix(part, "name="); ok {
				names[name] = f.Name
			}
		}
	}
	return names, oneofs
}

func main() {
	out := &dump{Messages: map[string]*message{}, Enums: map[string]*enum{}}
	out.add(&mesh.MeshConfig{})
	out.add(&networking.ProxyConfig{})
	out.add(&values.Values{})
	encoder := json.NewEncoder(os.Stdout)
	if err := encoder.Encode(out); err != nil {
		panic(err)
	}
}
