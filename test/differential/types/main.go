// Prints every type below the kinds that `check` gives defaults to, one a line: FILE, TYPE, FIELDS. A field is
// `name:type`, with `!` where it is written even when it is empty. Upstream: the json tags of k8s.io/api.
package main

import (
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"

	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	rbac "k8s.io/api/rbac/v1"
)

var kinds = []any{
	core.Pod{}, core.PodTemplate{}, core.ReplicationController{}, core.Service{}, core.ServiceAccount{},
	core.Secret{}, core.ConfigMap{}, core.Namespace{}, core.Node{}, core.PersistentVolume{},
	core.PersistentVolumeClaim{}, core.Endpoints{}, core.LimitRange{}, core.ResourceQuota{},
	apps.Deployment{}, apps.StatefulSet{}, apps.DaemonSet{}, apps.ReplicaSet{},
	batch.Job{}, batch.CronJob{},
	networking.Ingress{}, networking.NetworkPolicy{}, networking.IngressClass{},
	rbac.Role{}, rbac.ClusterRole{}, rbac.RoleBinding{}, rbac.ClusterRoleBinding{},
}

// Types with a form of their own in JSON.
var named = map[string]string{
	"resource.Quantity": "quantity", "intstr.IntOrString": "intstr", "v1.Time": "time", "v1.MicroTime": "time",
	"v1.Duration": "string", "v1.FieldsV1": "any", "runtime.RawExtension": "any",
}

type printer struct {
	lines map[reflect.Type]string
	file  map[reflect.Type]string
}

func main() {
	p := printer{map[reflect.Type]string{}, map[reflect.Type]string{}}
	p.visit(reflect.TypeFor[core.VolumeSource](), "volume")
	p.visit(reflect.TypeFor[core.PersistentVolumeSource](), "volume")
	p.visit(reflect.TypeFor[core.PodTemplateSpec](), "pod")
	for _, kind := range kinds {
		p.visit(reflect.TypeOf(kind), "")
	}
	names := map[string]bool{}
	out := []string{}
	for t, line := range p.lines {
		if names[t.Name()] {
			fmt.Fprintf(os.Stderr, "two types are called %s\n", t.Name())
			os.Exit(1)
		}
		names[t.Name()] = true
		out = append(out, fmt.Sprintf("%s\t%s\t%s", p.file[t], t.Name(), line))
	}
	sort.Strings(out)
	fmt.Println(strings.Join(out, "\n"))
}

// file: "" for the API group of the type.
func (p printer) visit(t reflect.Type, file string) {
	if _, seen := p.lines[t]; seen {
		return
	}
	group := strings.Split(strings.TrimPrefix(t.PkgPath(), "k8s.io/api/"), "/")[0]
	switch {
	case group == "k8s.io":
		p.file[t] = "meta"
	case file != "" && group == "core":
		p.file[t] = file
	default:
		p.file[t] = group
	}
	p.lines[t] = ""
	p.lines[t] = strings.Join(p.fields(t, file), " ")
}

func (p printer) fields(t reflect.Type, file string) []string {
	out := []string{}
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" {
			out = append(out, p.fields(field.Type, file)...)
			continue
		}
		if name == "-" {
			continue
		}
		kind := "any"
		// What the API server resets at creation is of no interest, but for nodes, which bring their status.
		isReset := name == "status" && t.Field(0).Name == "TypeMeta" && t.Name() != "Node"
		if !isReset && name != "managedFields" {
			kind = p.kind(field.Type, file)
		}
		if strings.Contains(options, "omitzero") && field.Type.Kind() == reflect.Struct {
			kind = "*" + kind
		} else if !strings.Contains(options, "omitempty") {
			name += "!"
		}
		out = append(out, name+":"+kind)
	}
	return out
}

func (p printer) kind(t reflect.Type, file string) string {
	if form, ok := named[t.String()]; ok {
		return form
	}
	switch t.Kind() {
	case reflect.Pointer:
		return "*" + p.kind(t.Elem(), file)
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}
		return "[]" + p.kind(t.Elem(), file)
	case reflect.Map:
		return "{}" + p.kind(t.Elem(), file)
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	case reflect.Int32, reflect.Int64:
		return "int"
	case reflect.Struct:
		p.visit(t, file)
		return t.Name()
	}
	panic("no form for " + t.String())
}
