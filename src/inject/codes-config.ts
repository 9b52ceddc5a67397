/**
 * Codes of configuration errors: what is wrong with the cluster's objects, with options and with certificates. None
 * is an answer to a review. Part of the table in codes.ts.
 */
import { configError, configNote, configWarning } from './code-entry.ts'

export const configCodes = {
  // ---- Istio's configuration
  'config-invalid': configError('A configuration does not serve; the message says where and why.'),
  'injector-config-invalid': configError(
    'The key `config` of an injector ConfigMap is not what Istio reads there; its last good one stays in use.',
    'Correct the line that the message names.',
  ),
  'injector-config-too-old': configError(
    'The injector ConfigMap has the form of Istio 1.8 and older, which is not served.',
    'Upgrade that control plane to 1.9 or newer.',
  ),
  'injector-values-invalid': configError(
    'The key `values` of an injector ConfigMap is not what Istio reads there; its last good one stays in use.',
    'Correct the field that the message names.',
  ),
  'mesh-config-invalid': configError(
    'The mesh configuration is not what Istio reads there; its last good one stays in use.',
    'Correct the field that the message names.',
  ),
  'mesh-config-missing': configWarning(
    "A revision has no mesh configuration of its own, so Istio's defaults hold, which name the istiod of the default revision.",
    'Add the ConfigMap `istio-<revision>` (`istio` for the default revision) with the key `mesh`.',
  ),
  'proxy-config-resource-invalid': configError(
    'A ProxyConfig resource cannot be read; its last good state stays in use.',
    'Correct the field that the message names.',
  ),
  'istio-version-too-old': configError(
    'The version of a control plane is older than the oldest that is served.',
    'Upgrade that control plane to 1.9 or newer.',
  ),
  'istio-version-invalid': configError(
    'A stated version of Istio is not a release number.',
    'Write it as `1.24.2` or `1.24`.',
  ),
  'revision-in-two-namespaces': configError(
    'The same revision is installed in two namespaces; the one that its webhook configuration names serves.',
    'Remove the injector ConfigMap of the other one.',
  ),
  'configuration-too-large': configError(
    "A revision's ConfigMaps hold more text than one configuration may have, or than fits into the memory that all may take.",
    'Shorten them, or raise `--max-configuration-bytes` or `--configuration-memory` together with the limit of the container.',
  ),
  'revision-limit-reached': configError(
    'There are more revisions than one server takes. Those that serve stay; this one was made later, and its pods are answered as of an unusable revision.',
    'Remove revisions that are not used any more, or raise `--max-revisions`.',
  ),
  'tag-limit-reached': configError(
    'There are more revision tags than one server takes. Those that are known stay; the named ones are not used.',
    'Remove tags that are not used any more, or raise `--max-tags`.',
  ),
  'objects-left-out': configError(
    'Objects of the cluster are left out because they are too large, or there are too many of them. What was known before stays.',
    'Remove what is not needed; the message names the first ones and the bound.',
  ),
  'tag-without-revision': configError(
    'A revision tag points at a revision that is not installed.',
    'Point the tag at an installed revision, or remove it.',
  ),
  'revision-untrusted': configWarning(
    'An injector ConfigMap is in a namespace that is not one of a control plane, so it defines no revision: whoever can edit a namespace can create one.',
    'If a control plane is meant to be there, add the namespace to `--istio-namespaces` (chart: `istioNamespaces`, or `namespace` of the revision or tag); else remove the ConfigMap.',
  ),
  'tag-untrusted': configWarning(
    'A Service labelled `istio.io/tag` is in a namespace that is not one of a control plane, so it defines no revision tag: whoever can edit a namespace can create one.',
    'If a control plane is meant to be there, add the namespace to `--istio-namespaces` (chart: `istioNamespaces`, or `namespace` of the revision or tag); else remove the Service.',
  ),
  'tag-service-shadows-revision': configWarning(
    'A Service labelled `istio.io/tag` has the name of an installed revision as its tag; the revision keeps its pods, as in Istio, where only a webhook configuration can take them.',
    'Set the tag with a webhook configuration, as `istioctl tag set` does, or remove the Service.',
  ),
  'webhook-namespace-not-read': configError(
    'An Istio webhook configuration calls a Service in a namespace that Remora has no rights in (`--istio-namespaces-only`), so the revision or tag does not count there.',
    'Add the namespace to `istioNamespaces` of the chart.',
  ),
  'registration-without-revision': configError(
    'An active webhook configuration of Remora sends reviews for a revision or tag that is not installed, so its pods cannot be injected.',
    'Install the revision, point the tag at an installed one, or deactivate the registration (`active: false` in the values of the chart).',
  ),

  // ---- options and certificates
  'argument-unexpected': configError('The command takes no further argument.', 'Look at `--help`.'),
  'option-unknown': configError('There is no such option.', 'Look at `--help`.'),
  'option-missing': configError('An option that is needed is not given.', 'Look at `--help`.'),
  'option-invalid': configError('An option has a value that it cannot have.', 'Look at `--help`.'),
  'listen-failed': configError(
    'The server cannot listen on an address and port, or on a socket; the message names the option that chooses it.',
    'Choose another one; port 0 takes a free one.',
  ),
  'capture-folder-not-empty': configError(
    'The folder of `remora replay --record` has files already.',
    'Give a folder that is new or empty: each recording is a folder of its own.',
  ),
  'capture-malformed': configError(
    'A file is no capture, review or audit log that can be read; the message names file and line.',
    'Give a file or folder that Remora or an API server wrote.',
  ),
  'capture-version-unknown': configError(
    'A capture was written in a format that this Remora does not read.',
    'Use the Remora that wrote it, or a newer one.',
  ),
  'admin-unreachable': configError(
    'No server answers on the socket in the capture folder.',
    'Run the command where the server runs (`kubectl exec`), with the folder that it was given by `--capture`.',
  ),
  'command-unknown': configError('There is no such command.', 'Look at `remora help`.'),
  'cluster-live-unavailable': configError(
    'The live cluster could not be read in the time that a command waits for it.',
    'Look at what the message names; or give a folder of manifests (one that is called `live` is `./live`).',
  ),
  'certificate-directory': configError(
    'The folder for development certificates cannot be written.',
    'Make it writable, or give certificate files by `--tls-cert-file` and `--tls-key-file`.',
  ),
  'certificate-unreadable': configError(
    'A certificate file cannot be read; the last good pair stays in use.',
    'Make the file readable by the user that runs the server.',
  ),
  'certificate-invalid': configError(
    'A certificate file is no certificate in PEM form; the last good pair stays in use.',
    'Write the certificate chain, the serving certificate first.',
  ),
  'certificate-key-invalid': configError(
    'A key file is no private key in PEM form; the last good pair stays in use.',
    'Write the key without a passphrase.',
  ),
  'certificate-key-mismatch': configError(
    'Certificate and key do not belong together; the last good pair stays in use.',
    'Write both files of one issue; half of an exchange fixes itself with the other half.',
  ),
  'certificate-not-yet-valid': configError(
    'The new certificate becomes valid in the future. The one in use serves until then.',
    'Nothing, if it passes within a minute. Otherwise correct the clock of what issues the certificate, or of this machine.',
  ),
  'certificate-expired': configError(
    'The certificate is not valid now, so the API server would refuse it.',
    'Issue a new one.',
  ),
  'certificate-not-loaded': configError(
    'No certificate has been read yet.',
    'Wait for the first reading, or look for its error in the log.',
  ),

  'certificate-renewal-overdue': configWarning(
    'The serving certificate was not renewed in time and will expire: past five sixths of its life with `--tls=self`; with files in the last sixth of its life or the last 14 days, whichever is shorter.',
    'Find out what keeps it from being renewed: the log, or `kubectl describe certificate` for cert-manager.',
  ),
  'certificate-ca-mismatch': configError(
    'No CA of `--tls-ca-file` vouches for the certificate, so writing it into caBundles would lock the API server out; the last good pair stays in use.',
    'Write certificate, key and CA of one issue; half of an exchange fixes itself with the other half.',
  ),
  'tls-secret-missing': configError(
    'The Secret of `--tls-secret` does not exist; a CA that is known already stays in use.',
    'Let the chart render it, or make it by `kubectl create secret generic`; it is filled by itself.',
  ),
  'authority-invalid': configError(
    'The CA that the replicas share cannot be used; the last good one stays in use. Content that stays unusable is replaced by the CA in use, or by a new one where no replica has one.',
    "Write CA and key of one issue; or empty the Secret's data, by the command in the message.",
  ),
  'authority-expired': configError(
    'The CA that the replicas share has expired. It is replaced by a new one.',
    'Nothing, unless it stays; then look for the right to update the Secret.',
  ),
  'authority-not-yet-valid': configError(
    'The CA that the replicas share becomes valid in the future. It is not used, and not replaced either: the clock of this machine may be wrong. The CA in use stays in use; a replica without one stays unready.',
    'Correct the clock that is wrong, or empty the Secret by the command in the message.',
  ),
  'authority-awaited': configWarning(
    'The Secret holds no usable CA, and the caBundles hold a valid one: the replica stays unready for 30 s, so that a replica that has the CA can restore it. Then it makes a new one, which is trusted beside the old one.',
    'Nothing; or write the CA that is in the caBundles back to the Secret, with its key.',
  ),
  'authority-ends-soon': configError(
    'The CA that the replicas share ends within 30 days.',
    'Put another one beside it, and then in its place.',
  ),
  'authority-contested': configError(
    'The Secret of the shared CA changes faster than it can be filled; the last good CA stays in use.',
    'Find out what writes to it.',
  ),
  'authority-unreadable': configError(
    'The shared CA cannot be read for a reason of its own; the last good one stays in use.',
    'Look at what the message names.',
  ),

  // ---- what the cluster shows
  'ca-bundle-contested': configError(
    'Something takes the CA out of the caBundle of a webhook configuration again and again; it is written back every few seconds, and pods are refused in between.',
    'Tell the GitOps tool to ignore `webhooks[].clientConfig.caBundle`, or leave the field out of what it applies.',
  ),
  'ca-bundle-no-webhook': configError(
    'No webhook of a named configuration calls the Service of `--service-name`, so no caBundle is filled there.',
    'Correct `--service-name` or `--webhook-configurations`.',
  ),
  'ca-bundle-not-written': configError(
    'A caBundle could not be written; it is tried again.',
    'Give the service account the right to patch the configuration that the message names.',
  ),
  'cluster-folder-unreadable': configError(
    'The folder that stands for the cluster cannot be read; its last state stays in use.',
    'Give a folder of manifests that exists and may be read.',
  ),
  'cluster-folder-empty': configError(
    'The folder that stands for the cluster holds no Kubernetes objects.',
    'Look for the error of the command that should have written the files, and run it again.',
  ),
  'revisions-missing': configError(
    'There is no injector ConfigMap `istio-sidecar-injector` or `istio-sidecar-injector-<revision>`, so no pod can be injected.',
    'Add it, as `kubectl get configmap -n istio-system -o yaml` prints it; or install Istio.',
  ),
  'cluster-file-unreadable': configError(
    'A file of the cluster folder cannot be read; its last good content stays in use.',
    'Make it readable UTF-8 text, or move it out of the folder.',
  ),
  'cluster-update-failed': configError(
    'What changed in the cluster could not be taken over; the last state stays in use. This is a defect of Remora.',
    'Report it with the message; undo the last change to go on.',
  ),
  'cluster-api-unreachable': configError(
    'The API server cannot be reached; the last good state stays in use.',
    'Nothing, if it comes back: it is asked again; otherwise look at its address and certificate.',
  ),
  'cluster-api-refused': configError(
    'The API server refuses to show something of the cluster; the last good state stays in use.',
    'Give the service account the right to get, list and watch what the message names.',
  ),
  'cluster-live-unconfigured': configError(
    'There is nothing that says how to reach the live cluster.',
    'Run in a pod with a service account, or give a kubeconfig.',
  ),
  'event-not-written': configNote(
    'An Event about a ConfigMap that does not build could not be written; nothing else depends on it.',
    'Give the service account the right to create and patch events.',
  ),
  'nodes-not-read': configError(
    'Whether sidecars of this revision are native depends on the kubelets, and the nodes could not be read yet.',
    'Give the service account the right to get, list and watch nodes; other revisions go on serving.',
  ),
  'manifest-malformed': configError(
    'A file of the cluster folder is no YAML or JSON of Kubernetes objects; its last good content stays in use.',
    'Correct the line that the message names; `kubectl apply --dry-run=server -f FILE` checks the rest.',
  ),
  'object-malformed': configError(
    'One object of the cluster is not as its kind demands; its own last good state stays in use.',
    'Correct the field that the message names; label values such as `true` need quotes.',
  ),
  'object-defined-twice': configWarning(
    'The same object stands in the cluster folder more than once; the last one counts.',
    'Keep one of them.',
  ),
  'revision-warning': configWarning(
    'The configuration of a revision serves, and something in it is odd; the message says what.',
  ),
} as const
