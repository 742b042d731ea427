# Pod Security's restricted level in Rego, for pods: what OPA is given in bench/peers.ts. That it refuses what the official
# webhook refuses is checked there before anything is measured.
package system

main := {
	"apiVersion": "admission.k8s.io/v1",
	"kind": "AdmissionReview",
	"response": {
		"uid": input.request.uid,
		"allowed": count(forbidden) == 0,
		"status": {"message": concat(", ", forbidden)},
	},
}

spec := input.request.object.spec

groups := ["containers", "initContainers", "ephemeralContainers"]

containers := [container | some group in groups; some container in spec[group]]

contexts := [context | some context in array.concat(
	[object.get(spec, "securityContext", {})],
	[object.get(container, "securityContext", {}) | some container in containers],
)]

handlers := [handler |
	some container in containers
	some path in [["livenessProbe"], ["readinessProbe"], ["startupProbe"], ["lifecycle", "postStart"], ["lifecycle", "preStop"]]
	some kind in ["httpGet", "tcpSocket"]
	handler := object.get(container, array.concat(path, [kind]), {})
]

volume_types := {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"}

safe_sysctls := {
	"kernel.shm_rmid_forced",
	"net.ipv4.ip_local_port_range",
	"net.ipv4.ip_local_reserved_ports",
	"net.ipv4.ip_unprivileged_port_start",
	"net.ipv4.ping_group_range",
	"net.ipv4.tcp_fin_timeout",
	"net.ipv4.tcp_keepalive_intvl",
	"net.ipv4.tcp_keepalive_probes",
	"net.ipv4.tcp_keepalive_time",
	"net.ipv4.tcp_rmem",
	"net.ipv4.tcp_syncookies",
	"net.ipv4.tcp_wmem",
}

selinux_types := {"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"}

default apparmor_annotated := {}

apparmor_annotated := {value |
	some key, value in input.request.object.metadata.annotations
	startswith(key, "container.apparmor.security.beta.kubernetes.io/")
}

forbidden contains "host namespaces" if {
	some field in ["hostNetwork", "hostPID", "hostIPC"]
	spec[field] == true
}

forbidden contains "hostPort" if {
	some container in containers
	some port in container.ports
	port.hostPort > 0
}

forbidden contains "probe or lifecycle host" if {
	some handler in handlers
	object.get(handler, "host", "") != ""
}

forbidden contains "privileged" if {
	some context in contexts
	context.privileged == true
}

forbidden contains "allowPrivilegeEscalation" if {
	not windows
	some container in containers
	object.get(container, ["securityContext", "allowPrivilegeEscalation"], true) != false
}

forbidden contains "unrestricted capabilities" if {
	not windows
	some container in containers
	not "ALL" in object.get(container, ["securityContext", "capabilities", "drop"], [])
}

forbidden contains "unrestricted capabilities" if {
	not windows
	some context in contexts
	some capability in context.capabilities.add
	capability != "NET_BIND_SERVICE"
}

forbidden contains "hostProcess" if {
	some context in contexts
	context.windowsOptions.hostProcess == true
}

forbidden contains "procMount" if {
	some context in contexts
	object.get(context, "procMount", "Default") != "Default"
}

forbidden contains "seLinuxOptions" if {
	some context in contexts
	options := context.seLinuxOptions
	not plain(options)
}

forbidden contains "forbidden sysctls" if {
	some sysctl in spec.securityContext.sysctls
	not sysctl.name in safe_sysctls
}

forbidden contains "AppArmor profile" if {
	some value in apparmor_annotated
	not value in {"", "runtime/default"}
	not startswith(value, "localhost/")
}

forbidden contains "AppArmor profile" if {
	some context in contexts
	not context.appArmorProfile.type in {"RuntimeDefault", "Localhost"}
	context.appArmorProfile
}

forbidden contains "restricted volume types" if {
	some volume in spec.volumes
	every type in object.keys(volume) - {"name"} { not type in volume_types }
}

forbidden contains "runAsNonRoot" if {
	some context in contexts
	context.runAsNonRoot == false
}

forbidden contains "runAsNonRoot" if {
	not spec.securityContext.runAsNonRoot
	some container in containers
	not container.securityContext.runAsNonRoot
}

forbidden contains "runAsUser=0" if {
	some context in contexts
	context.runAsUser == 0
}

forbidden contains "seccompProfile" if {
	not windows
	some context in contexts
	context.seccompProfile
	not context.seccompProfile.type in {"RuntimeDefault", "Localhost"}
}

forbidden contains "seccompProfile" if {
	not windows
	not spec.securityContext.seccompProfile
	some container in containers
	not container.securityContext.seccompProfile
}

windows if spec.os.name == "windows"

plain(options) if {
	object.get(options, "type", "") in selinux_types
	object.get(options, "user", "") == ""
	object.get(options, "role", "") == ""
}
