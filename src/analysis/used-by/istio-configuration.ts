/** Istio's configuration that only one revision reads: istiod ignores objects that are labelled with another one. */
import { kindRow, labelOf, type ObjectKind, REVISION_LABEL } from '../../kube/index.ts'
import { nameOf } from './control-planes.ts'
import { type DependantKind, dependant, objectName } from './dependant.ts'
import { reach } from './subject.ts'

const KINDS = [
  'virtualservice',
  'destinationrule',
  'istiogateway',
  'serviceentry',
  'istiosidecar',
  'envoyfilter',
  'proxyconfig',
  'authorizationpolicy',
  'peerauthentication',
  'requestauthentication',
  'telemetry',
  'wasmplugin',
] as const satisfies readonly ObjectKind[]

export const istioConfiguration: DependantKind = {
  id: 'istio-configuration',
  one: 'object of Istio',
  many: 'objects of Istio',
  effect:
    'No control plane reads them any more, so what they configure ends. A policy no longer protects anything.',
  fix: 'Change or remove their label istio.io/rev. Objects without the label are read by all revisions.',
  needs: KINDS,
  find: (subject, facts) =>
    KINDS.flatMap((kind) =>
      facts.list(kind).flatMap((object) => {
        const name = labelOf(object, REVISION_LABEL) ?? ''
        if (name === '' || reach(subject, name, facts.snapshot) === undefined) return []
        const word = kindRow(kind).qualified === true ? 'Gateway.networking.istio.io' : kindRow(kind).kind
        return [dependant(objectName(word, nameOf(object)), `${REVISION_LABEL}=${name}`)]
      }),
    ),
}
