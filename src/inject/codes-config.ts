/**
 * Codes of configuration errors: problems of the cluster's objects, of options and of certificates. None is an answer to a
 * review. Part of the table in codes.ts.
 */
import { configError, configNote, configWarning } from './code-entry.ts'

export const configCodes = {
  // ---- Istio's configuration
  'config-invalid': configError('A configuration is not usable. The message says where and why.'),
  'injector-config-invalid': configError(
    'The key `config` of an injector ConfigMap is invalid. The last valid one stays in use.',
    'Correct the line that the message names.',
  ),
  'injector-config-too-old': configError(
    'The injector ConfigMap has the format of Istio 1.8 and older, which is not supported.',
    'Upgrade that control plane to 1.9 or newer.',
  ),
  'injector-values-invalid': configError(
    'The key `values` of an injector ConfigMap is invalid. The last valid one stays in use.',
    'Correct the field that the message names.',
  ),
  'mesh-config-invalid': configError(
    'The mesh configuration is invalid. The last valid one stays in use.',
    'Correct the field that the message names.',
  ),
  'mesh-config-missing': configWarning(
    "A revision has no mesh configuration of its own. Istio's defaults are used, which name the istiod of the default revision.",
    'Add the ConfigMap `istio-<revision>` (`istio` for the default revision) with the key `mesh`.',
  ),
  'proxy-config-resource-invalid': configError(
    'A ProxyConfig resource is invalid. Its last valid state stays in use.',
    'Correct the field that the message names.',
  ),
  'istio-version-too-old': configError(
    'The version of a control plane is older than the oldest supported version.',
    'Upgrade that control plane to 1.9 or newer.',
  ),
  'istio-version-invalid': configError(
    'A configured Istio version is not a release number.',
    'Write it as `1.24.2` or `1.24`.',
  ),
  'revision-in-two-namespaces': configError(
    'The same revision is installed in two namespaces. The one that its webhook configuration names is used.',
    'Remove the injector ConfigMap in the other namespace.',
  ),
  'configuration-too-large': configError(
    "A revision's ConfigMaps exceed the size limit of one configuration, or the memory limit of all configurations.",
    'Shorten them, or raise `--max-configuration-bytes` or `--configuration-memory` together with the limit of the container.',
  ),
  'revision-limit-reached': configError(
    'There are more revisions than the limit. Revisions in use stay. This one was created later, and its pods get the same response as for an unusable revision.',
    'Remove unused revisions, or raise `--max-revisions`.',
  ),
  'tag-limit-reached': configError(
    'There are more revision tags than the limit. Known tags stay in use. The tags in the message are not used.',
    'Remove unused tags, or raise `--max-tags`.',
  ),
  'objects-left-out': configError(
    'Objects of the cluster are ignored because they are too large or too many. Objects that were known before stay in use.',
    'Remove objects that are not needed. The message names the first ones and the limit.',
  ),
  'tag-without-revision': configError(
    'A revision tag points to a revision that is not installed.',
    'Point the tag to an installed revision, or remove it.',
  ),
  'revision-untrusted': configWarning(
    'An injector ConfigMap is in a namespace that is not trusted for control planes, so it defines no revision: everyone who can edit a namespace can create such a ConfigMap.',
    'If the namespace should contain a control plane, add it to `--istio-namespaces` (chart: `istioNamespaces`, or `namespace` of the revision or tag). Otherwise remove the ConfigMap.',
  ),
  'tag-untrusted': configWarning(
    'A Service labelled `istio.io/tag` is in a namespace that is not trusted for control planes, so it defines no revision tag: everyone who can edit a namespace can create such a Service.',
    'If the namespace should contain a control plane, add it to `--istio-namespaces` (chart: `istioNamespaces`, or `namespace` of the revision or tag). Otherwise remove the Service.',
  ),
  'tag-service-shadows-revision': configWarning(
    'A Service labelled `istio.io/tag` defines a tag with the name of an installed revision. The revision takes precedence. As in Istio, only a webhook configuration can override it.',
    'Set the tag with a webhook configuration, as `istioctl tag set` does, or remove the Service.',
  ),
  'webhook-namespace-not-read': configError(
    'An Istio webhook configuration calls a Service in a namespace that Remora does not read (`--istio-namespaces-only`), so the revision or tag there is ignored.',
    'Add the namespace to `istioNamespaces` of the chart.',
  ),
  'registration-without-revision': configError(
    'An active webhook configuration of Remora is for a revision or tag that is not installed, so its pods cannot be injected.',
    'Install the revision, point the tag to an installed one, or deactivate the registration (`active: false` in the values of the chart).',
  ),

  // ---- options and certificates
  'argument-unexpected': configError('The command line has an unexpected argument.', 'See `--help`.'),
  'option-unknown': configError('There is no such option.', 'See `--help`.'),
  'option-missing': configError('A required option is missing.', 'See `--help`.'),
  'option-invalid': configError('An option has an invalid value.', 'See `--help`.'),
  'listen-failed': configError(
    'The server cannot listen on an address and port, or on a socket. The message names the option.',
    'Choose another one. Port 0 selects a free port.',
  ),
  'capture-folder-not-empty': configError(
    'The folder of `remora replay --record` already contains files.',
    'Use a new or empty folder for each recording.',
  ),
  'capture-malformed': configError(
    'A file is not a valid capture, review or audit log. The message gives the file and line.',
    'Use a file or folder that Remora or an API server wrote.',
  ),
  'capture-version-unknown': configError(
    'This version of Remora cannot read the format of a capture.',
    'Use the version of Remora that wrote it, or a newer one.',
  ),
  'admin-unreachable': configError(
    'No server responds on the admin socket.',
    'Run the command where the server runs (`kubectl exec`), with the same `--admin-socket`, `--metrics-port` or `--capture` as the server.',
  ),
  'command-unknown': configError('There is no such command.', 'See `remora help`.'),
  'cluster-live-unavailable': configError(
    'The live cluster could not be read within the time limit.',
    'Check the cause in the message, or use a folder of manifests (for a folder named `live` write `./live`).',
  ),
  'certificate-directory': configError(
    'The folder for development certificates is not writable.',
    'Make it writable, or use certificate files (`--tls-cert-file` and `--tls-key-file`).',
  ),
  'certificate-unreadable': configError(
    'A certificate file cannot be read. The last valid certificate stays in use.',
    'Make the file readable for the user of the server.',
  ),
  'certificate-invalid': configError(
    'A certificate file is not a certificate in PEM format. The last valid certificate stays in use.',
    'Write the certificate chain, starting with the serving certificate.',
  ),
  'certificate-key-invalid': configError(
    'A key file is not a private key in PEM format. The last valid certificate stays in use.',
    'Write the key without a passphrase.',
  ),
  'certificate-key-mismatch': configError(
    'Certificate and key do not belong together. The last valid certificate stays in use.',
    'Write certificate and key from the same issuance. If only one file has been replaced yet, replacing the other resolves the problem.',
  ),
  'certificate-not-yet-valid': configError(
    'The new certificate is not valid yet. The current one stays in use until then.',
    'If the problem is gone within a minute, do nothing. Otherwise correct the clock of the issuer or of this machine.',
  ),
  'certificate-expired': configError(
    'The certificate is not valid at the current time, so the API server would reject it.',
    'Issue a new certificate.',
  ),
  'certificate-not-loaded': configError(
    'No certificate has been read yet.',
    'Wait until it is read, or look for the error in the log.',
  ),

  'certificate-renewal-overdue': configWarning(
    'The serving certificate was not renewed in time and will expire: past five sixths of its life with `--tls=self`; with files in the last sixth of its life or the last 14 days, whichever is shorter.',
    'Find the cause in the log, or with `kubectl describe certificate` for cert-manager.',
  ),
  'certificate-ca-mismatch': configError(
    'No CA in `--tls-ca-file` signed the certificate. With this CA in the caBundles, the API server could not verify the server. The last valid certificate stays in use.',
    'Write certificate, key and CA from the same issuance. If only some files have been replaced yet, replacing the others resolves the problem.',
  ),
  'tls-secret-missing': configError(
    'The Secret of `--tls-secret` does not exist. A CA that was loaded before stays in use.',
    'Create it with the chart or with `kubectl create secret generic`. Remora fills it.',
  ),
  'authority-invalid': configError(
    'The CA that the replicas share is invalid. The last valid one stays in use. If the Secret stays invalid, its content is replaced by the CA in use, or by a new CA if no replica has one.',
    "Write CA and key from the same issuance, or empty the Secret's data with the command in the message.",
  ),
  'authority-expired': configError(
    'The CA that the replicas share has expired. A new one replaces it.',
    'If the problem persists, check that the service account may update the Secret.',
  ),
  'authority-not-yet-valid': configError(
    'The CA that the replicas share is not valid yet. It is neither used nor replaced, because the clock of this machine may be wrong. The current CA stays in use, and a replica without one stays unready.',
    'Correct the wrong clock, or empty the Secret with the command in the message.',
  ),
  'authority-awaited': configWarning(
    'The Secret contains no valid CA, but the caBundles do. The replica stays unready for 30 s, so that a replica with the CA can restore it. Then it creates a new CA, which is trusted together with the old one.',
    'Wait, or restore the CA of the caBundles and its key in the Secret.',
  ),
  'authority-ends-soon': configError(
    'The CA that the replicas share expires within 30 days.',
    'Add another CA first, then replace the old one.',
  ),
  'authority-contested': configError(
    'Another writer changes the Secret of the shared CA faster than Remora can fill it. The last valid CA stays in use.',
    'Find the other writer and stop it.',
  ),
  'authority-unreadable': configError(
    'The shared CA cannot be read for an unexpected reason. The last valid one stays in use.',
    'See the cause in the message.',
  ),

  // ---- the cluster
  'ca-bundle-contested': configError(
    'Another writer repeatedly removes the CA from the caBundle of a webhook configuration. Remora writes it back every few seconds, and pods are refused in between.',
    'Configure the GitOps tool to ignore `webhooks[].clientConfig.caBundle`, or remove the field from the manifests that it applies.',
  ),
  'ca-bundle-no-webhook': configError(
    'No webhook of a named configuration calls the Service of `--service-name`, so no caBundle is filled there.',
    'Correct `--service-name` or `--webhook-configurations`.',
  ),
  'ca-bundle-not-written': configError(
    'A caBundle could not be written. Remora tries again.',
    'Allow the service account to patch the webhook configuration that the message names.',
  ),
  'cluster-folder-unreadable': configError(
    'The folder of `--cluster` cannot be read. Its last state stays in use.',
    'Use an existing, readable folder of manifests.',
  ),
  'cluster-folder-empty': configError(
    'The folder of `--cluster` contains no Kubernetes objects.',
    'Check why the command that should have written the files failed, and run it again.',
  ),
  'revisions-missing': configError(
    'There is no injector ConfigMap `istio-sidecar-injector` or `istio-sidecar-injector-<revision>`, so no pod can be injected.',
    'Add the output of `kubectl get configmap -n istio-system -o yaml`, or install Istio.',
  ),
  'cluster-file-unreadable': configError(
    'A file of the cluster folder cannot be read. Its last valid content stays in use.',
    'Make it readable UTF-8 text, or move it out of the folder.',
  ),
  'cluster-update-failed': configError(
    'A change of the cluster could not be applied. The last state stays in use. This is a bug in Remora.',
    'Report a bug with the message. To continue, revert the last change.',
  ),
  'cluster-api-unreachable': configError(
    'The API server cannot be reached. The last state stays in use.',
    'Remora tries again. If the problem persists, check the address and the certificate of the API server.',
  ),
  'cluster-api-refused': configError(
    'The API server refuses a request for objects of the cluster. The last state stays in use.',
    'Allow the service account to get, list and watch the resource that the message names.',
  ),
  'cluster-live-unconfigured': configError(
    'There is neither a service account nor a kubeconfig for the live cluster.',
    'Run in a pod with a service account, or provide a kubeconfig.',
  ),
  'event-not-written': configNote(
    'An Event about an invalid ConfigMap could not be written. Nothing else is affected.',
    'Allow the service account to create and patch events.',
  ),
  'nodes-not-read': configError(
    'Whether the revision uses native sidecars depends on the kubelet versions, and the nodes could not be read yet.',
    'Allow the service account to get, list and watch nodes. Other revisions are not affected.',
  ),
  'manifest-malformed': configError(
    'A file of the cluster folder is not YAML or JSON of Kubernetes objects. Its last valid content stays in use.',
    'Correct the line that the message names. `kubectl apply --dry-run=server -f FILE` checks the rest.',
  ),
  'object-malformed': configError(
    'An object of the cluster is not valid for its kind. Its last valid state stays in use.',
    'Correct the field that the message names. Label values such as `true` need quotes.',
  ),
  'object-defined-twice': configWarning(
    'The cluster folder contains an object more than once. The last one is used.',
    'Keep one of them.',
  ),
  'revision-warning': configWarning(
    'The configuration of a revision is usable, but something in it looks wrong. The message says what.',
  ),
} as const
