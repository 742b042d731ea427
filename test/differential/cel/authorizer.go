// An authorizer that allows what a list of rules says, and tells of its errors when a rule says so.
package main

import (
	"context"
	"errors"
	"strings"

	admissionv1 "k8s.io/api/admission/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
)

// rule: what is empty is anything. A question about a path is answered by the rules that have one.
type rule struct {
	Verb        string `json:"verb"`
	Path        string `json:"path"`
	User        string `json:"user"`
	Group       string `json:"group"`
	Resource    string `json:"resource"`
	Subresource string `json:"subresource"`
	Namespace   string `json:"namespace"`
	Name        string `json:"name"`
	// Fields and Labels are the requirements of the selectors, joined by commas.
	Fields string `json:"fields"`
	Labels string `json:"labels"`
	// Reason goes with the decision; Decision is allow, deny, or none.
	Reason   string `json:"reason"`
	Decision string `json:"decision"`
	Error    string `json:"error"`
}

type rules []rule

func (all rules) Authorize(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
	for _, each := range all {
		if each.answers(a) {
			return each.decision()
		}
	}
	return authorizer.DecisionNoOpinion, "", nil
}

func (r rule) answers(a authorizer.Attributes) bool {
	if (r.Path != "") == a.IsResourceRequest() {
		return false
	}
	wanted := [][2]string{
		{r.Verb, a.GetVerb()}, {r.Path, a.GetPath()}, {r.User, a.GetUser().GetName()}, {r.Group, a.GetAPIGroup()},
		{r.Resource, a.GetResource()}, {r.Subresource, a.GetSubresource()}, {r.Namespace, a.GetNamespace()},
		{r.Name, a.GetName()}, {r.Fields, fieldsOf(a)}, {r.Labels, labelsOf(a)},
	}
	for _, pair := range wanted {
		if pair[0] != "" && pair[0] != pair[1] {
			return false
		}
	}
	return true
}

func (r rule) decision() (authorizer.Decision, string, error) {
	var err error
	if r.Error != "" {
		err = errors.New(r.Error)
	}
	switch r.Decision {
	case "deny":
		return authorizer.DecisionDeny, r.Reason, err
	case "none":
		return authorizer.DecisionNoOpinion, r.Reason, err
	}
	return authorizer.DecisionAllow, r.Reason, err
}

func fieldsOf(a authorizer.Attributes) string {
	requirements, err := a.GetFieldSelector()
	if err != nil {
		return "error: " + err.Error()
	}
	texts := []string{}
	for _, each := range requirements {
		texts = append(texts, each.Field+string(each.Operator)+each.Value)
	}
	return strings.Join(texts, ",")
}

func labelsOf(a authorizer.Attributes) string {
	requirements, err := a.GetLabelSelector()
	if err != nil {
		return "error: " + err.Error()
	}
	texts := []string{}
	for _, each := range requirements {
		texts = append(texts, each.String())
	}
	return strings.Join(texts, ",")
}

func askerOf(request *admissionv1.AdmissionRequest) user.Info {
	extra := map[string][]string{}
	for key, value := range request.UserInfo.Extra {
		extra[key] = value
	}
	return &user.DefaultInfo{
		Name: request.UserInfo.Username, UID: request.UserInfo.UID, Groups: request.UserInfo.Groups, Extra: extra,
	}
}

// resource is what `authorizer.requestResource` is about.
type resource struct{ request *admissionv1.AdmissionRequest }

func (r resource) GetName() string        { return r.request.Name }
func (r resource) GetNamespace() string   { return r.request.Namespace }
func (r resource) GetSubresource() string { return r.request.SubResource }
func (r resource) GetResource() schema.GroupVersionResource {
	of := r.request.Resource
	return schema.GroupVersionResource{Group: of.Group, Version: of.Version, Resource: of.Resource}
}
