/**
 * The commands that make a change of labels, and those that take it back. Each line can be pasted: what no command can do
 * is a comment.
 */
import {
  type Counterfactual,
  findRestart,
  type LabelChange,
  type LabelState,
  revertLabelChanges,
  shellWord,
} from '../analysis/index.ts'
import type { JsonObject, JsonValue } from '../json/index.ts'
import {
  builtInTemplatePath,
  controllerOf,
  groupOf,
  kindRow,
  metadataOf,
  objectAt,
  ownerOf,
  specOf,
  templatePath,
  textAt,
} from '../kube/index.ts'
import { labelCommand } from './preview-wording.ts'

export interface ChangeCommands {
  readonly make: readonly string[]
  readonly rollBack: readonly string[]
}

/** Where the labels of a pod come from. */
interface Source {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  /** undefined: it is not known, or it cannot be changed. */
  readonly path: readonly string[] | undefined
  /** The object that determines how its pods are restarted. */
  readonly object: JsonObject
}

/** @param object the object with the pod template, or the pod itself */
export function changeCommands(
  { changes }: Pick<Counterfactual, 'changes'>,
  { namespace, object }: { readonly namespace: string; readonly object: JsonObject },
): ChangeCommands {
  const source = findSource(object, namespace)
  return {
    make: commandsFor(changes, namespace, source),
    rollBack: commandsFor(revertLabelChanges(changes), namespace, source),
  }
}

function commandsFor(changes: readonly LabelChange[], namespace: string, source: Source): readonly string[] {
  const ofNamespace = changes.filter(({ on }) => on === 'namespaceLabels')
  const ofPod = changes.filter(({ on }) => on !== 'namespaceLabels')
  const first = ofNamespace.length === 0 ? [] : [labelCommand(namespace, ofNamespace)]
  if (ofPod.length === 0) return [...first, ...restartCommands(source, namespace)]
  if (source.path === undefined) return [...first, byHand(ofPod, namespace, source)]
  return [...first, patchCommand(ofPod, namespace, { ...source, path: source.path }), ...afterPatch(source)]
}

/** New labels on a pod that exists do not inject it. */
function byHand(changes: readonly LabelChange[], namespace: string, { kind, name }: Source): string {
  const words = changes.map(({ name: key, to }) =>
    to === undefined ? `without ${key}` : `with ${key}=${to}`,
  )
  return kind === 'Pod' || kind === 'Job'
    ? `# create ${kind} ${namespace}/${name} again from its manifest, ${words.join(' and ')}`
    : `# change the pod template of ${kind} ${namespace}/${name}: ${words.join(' and ')}`
}

function patchCommand(
  changes: readonly LabelChange[],
  namespace: string,
  source: Source & { readonly path: readonly string[] },
): string {
  const metadata = {
    ...keysOf('labels', changes, 'podLabels'),
    ...keysOf('annotations', changes, 'podAnnotations'),
  }
  const patch = source.path.reduceRight<JsonValue>((inner, key) => ({ [key]: inner }), { metadata })
  // Only the kinds of Kubernetes itself have strategic merge patches. Here both mean the same.
  const type = isBuiltIn(source) ? '' : ' --type=merge'
  return `kubectl patch ${resourceOf(source)} ${shellWord(source.name)} -n ${shellWord(namespace)}${type} -p ${quoted(JSON.stringify(patch))}`
}

/** null removes the key. */
function keysOf(field: string, changes: readonly LabelChange[], on: keyof LabelState): JsonObject {
  const entries = changes.filter((change) => change.on === on).map(({ name, to }) => [name, to ?? null])
  return entries.length === 0 ? {} : { [field]: Object.fromEntries(entries) }
}

/** Pods get their sidecars when they are created. */
function restartCommands({ object }: Source, namespace: string): readonly string[] {
  const restart = findRestart(object)
  switch (restart.kind) {
    case 'rollout-restart':
      return [`kubectl rollout restart ${restart.name} -n ${shellWord(namespace)}`]
    case 'command':
      return [restart.command]
    case 'delete-pods':
      return [`# then delete its pods: ${restart.why}`]
    case 'by-hand':
    case 'by-itself':
      return [`# ${restart.why}`]
  }
}

/** A change of the template replaces the pods of most kinds. */
function afterPatch(source: Source): readonly string[] {
  const { kind } = findRestart(source.object)
  return kind === 'rollout-restart' || kind === 'command' ? [] : restartCommands(source, '')
}

function findSource(object: JsonObject, namespace: string): Source {
  const reference = objectAt(specOf(object), 'workloadRef')
  if (textAt(reference, 'name') !== '') return sourceOf(referred(reference, namespace), object)
  if (textAt(object, 'kind') !== 'Pod') return sourceOf(object, object)
  const owner = ownerOf(object)
  const unknown = controllerOf(object)
  if (owner === undefined)
    return unknown === undefined ? sourceOf(object, object) : { ...unknown, path: undefined, object }
  const { apiVersion, kind } = kindRow(owner.of)
  const owning = referred({ apiVersion, kind, name: owner.name }, namespace)
  return sourceOf(owning, owning)
}

function referred(reference: JsonObject, namespace: string): JsonObject {
  const [apiVersion, kind, name] = ['apiVersion', 'kind', 'name'].map((key) => textAt(reference, key))
  return { apiVersion: apiVersion ?? '', kind: kind ?? '', metadata: { name: name ?? '', namespace } }
}

function sourceOf(object: JsonObject, restarted: JsonObject): Source {
  const kind = textAt(object, 'kind')
  const { name, generateName } = metadataOf(object)
  return {
    apiVersion: textAt(object, 'apiVersion'),
    kind,
    name: typeof name === 'string' && name !== '' ? name : String(generateName ?? ''),
    // The template of a Job cannot be changed.
    path: kind === 'Job' || kind === 'Pod' ? undefined : templatePath(object),
    object: restarted,
  }
}

/** `deployment`, `rollout.argoproj.io`: with the group where kubectl might take another one. */
function resourceOf({ apiVersion, kind }: Pick<Source, 'apiVersion' | 'kind'>): string {
  const word = kind.toLowerCase()
  return shellWord(isBuiltIn({ apiVersion, kind }) ? word : `${word}.${groupOf(apiVersion)}`)
}

function isBuiltIn({ apiVersion, kind }: Pick<Source, 'apiVersion' | 'kind'>): boolean {
  return builtInTemplatePath({ apiVersion, kind }) !== undefined
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
