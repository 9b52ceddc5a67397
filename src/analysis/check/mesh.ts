/** Owns: what is odd in the mesh configuration, which Istio passes over in silence. Whether it is accepted is configuration.ts. */

import type { RevisionInputs } from '../../inject/index.ts'
import { type FieldRemark, meshConfigMessage, protoSchemaFor, remarkFields } from '../../istio/index.ts'
import { type CheckSubject, placeOfKey, readYaml, revisionsWithTexts } from './check-subject.ts'
import { findLine } from './find-line.ts'
import { type Finding, type FindingFacts, makeFinding } from './finding.ts'

/** Also where it is refused: a mistyped name is often why. */
export function checkMesh(subject: CheckSubject): readonly Finding[] {
  return revisionsWithTexts(subject).flatMap(({ newest: inputs, versionWarnings = [] }) => {
    const { mesh } = inputs.meshConfigMap
    if (mesh === undefined) return [missing(inputs)]
    // Of a release that is newer than known nobody knows all fields.
    const severity = versionWarnings.length > 0 ? 'note' : undefined
    const remarks = remarkFields(protoSchemaFor(inputs.version), meshConfigMessage, readYaml(mesh))
    return remarks.map((remark) => fromRemark(remark, inputs, severity))
  })
}

function missing(inputs: RevisionInputs): Finding {
  return makeFinding('mesh-config-missing', {
    revision: inputs.name,
    where: placeOfKey(inputs, 'mesh'),
    message: 'the ConfigMap or the key is missing',
    expected: 'the mesh configuration of this revision',
  })
}

function fromRemark(
  remark: FieldRemark,
  inputs: RevisionInputs,
  severity: FindingFacts['severity'],
): Finding {
  const line = findLine(inputs.meshConfigMap.mesh ?? '', remark.path)
  const { code, message, expected } = describeRemark(remark, inputs.version.text)
  return makeFinding(code === 'unknown' ? 'mesh-field-unknown' : 'setting-deprecated', {
    revision: inputs.name,
    where: {
      ...placeOfKey(inputs, 'mesh'),
      path: remark.path.join('.'),
      ...(line === undefined ? {} : { line }),
    },
    message,
    expected,
    severity: code === 'unknown' ? severity : undefined,
  })
}

/** What a remark says of a field, in this file's words; the caller knows in which text the field stands. */
export function describeRemark(
  { kind, path, meant, since, until, instead }: FieldRemark,
  version: string,
): { readonly code: 'unknown' | 'deprecated'; readonly message: string; readonly expected: string } {
  const name = String(path.at(-1))
  switch (kind) {
    case 'unknown':
      return {
        code: 'unknown',
        message: `Istio ${version} has no field ${name} there${since === undefined ? '' : `; 1.${since} has`}`,
        expected: meant === undefined ? 'a field of its documentation' : `${meant}, perhaps`,
      }
    case 'removed':
      return {
        code: 'deprecated',
        message: `${name} left Istio in 1.${until} and is ignored`,
        expected: 'nothing in its place',
      }
    case 'deprecated':
      return { code: 'deprecated', message: `${name} is deprecated`, expected: instead ?? '' }
  }
}
