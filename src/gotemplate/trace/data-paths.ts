/**
 * Which fields of the data each pipeline reads, derived from the trees alone: variables, `with`, `range` and template
 * calls are followed. For messages, so what cannot be followed is left out.
 */
import type { CommandNode, ListNode, OperandNode, ParsedTemplate, PipeNode } from '../parse/ast.ts'

/** Field names and constant keys from the root of the data: `Values`, `global`, `hub`. An item of a list is `*`. */
export type DataPath = readonly string[]

/**
 * Functions that read the key of a map named by their second argument. Their value has the fields between the first
 * argument and that key: `annotation .ObjectMeta "x"` reads `ObjectMeta`, `Annotations`, `x`.
 */
export type KeyFunctions = ReadonlyMap<string, readonly string[]>

const INDEX: KeyFunctions = new Map([['index', []]])

/** One pipeline reads few; without a limit, assignments in nested branches could multiply them. */
const MAX_PATHS = 16
/** A template that is called more often is followed this many times. */
const MAX_CALLS = 4

interface Scope {
  readonly dot: readonly DataPath[]
  readonly variables: Map<string, readonly DataPath[]>
}

/** By pipeline; of a pipeline that runs several times, all of them. */
export function findDataPaths(
  templates: ReadonlyMap<string, ParsedTemplate>,
  name: string,
  keyFunctions: KeyFunctions,
): ReadonlyMap<PipeNode, readonly DataPath[]> {
  const walk = new Walk(templates, keyFunctions)
  walk.template(name, [[]])
  return walk.found
}

class Walk {
  readonly found = new Map<PipeNode, readonly DataPath[]>()
  readonly #templates: ReadonlyMap<string, ParsedTemplate>
  readonly #keyFunctions: KeyFunctions
  readonly #calls = new Map<string, number>()

  constructor(templates: ReadonlyMap<string, ParsedTemplate>, keyFunctions: KeyFunctions) {
    this.#templates = templates
    this.#keyFunctions = keyFunctions
  }

  template(name: string, dot: readonly DataPath[]): void {
    const calls = this.#calls.get(name) ?? 0
    const template = this.#templates.get(name)
    if (template === undefined || calls >= MAX_CALLS) return
    this.#calls.set(name, calls + 1)
    this.#list(template.root, { dot, variables: new Map([['$', dot]]) })
  }

  #list(list: ListNode | undefined, scope: Scope): void {
    for (const node of list?.nodes ?? []) {
      if (node.kind === 'action') this.#pipe(node.pipe, scope)
      else if (node.kind === 'template') {
        this.template(node.name, node.pipe === undefined ? [] : this.#pipe(node.pipe, scope))
      } else if ('list' in node) {
        const inner: Scope = { dot: scope.dot, variables: new Map(scope.variables) }
        const read = this.#pipe(node.pipe, inner)
        const items = node.kind === 'range' ? read.map((path) => [...path, '*']) : read
        if (node.kind === 'range') setItem(node.pipe, items, inner)
        this.#list(node.list, node.kind === 'if' ? inner : { ...inner, dot: items })
        this.#list(node.elseList, inner)
        keepAssigned(inner, scope)
      }
    }
  }

  #pipe(pipe: PipeNode, scope: Scope): readonly DataPath[] {
    const paths = few(pipe.commands.flatMap((command) => this.#command(command, scope)))
    this.found.set(pipe, few([...(this.found.get(pipe) ?? []), ...paths]))
    for (const name of pipe.variables) {
      const before = pipe.assigns ? (scope.variables.get(name) ?? []) : []
      scope.variables.set(name, few([...before, ...paths]))
    }
    return paths
  }

  #command({ operands }: CommandNode, scope: Scope): readonly DataPath[] {
    const [first, subject, ...rest] = operands
    if (first === undefined) return []
    const name = first.kind === 'identifier' ? first.name : ''
    const between = this.#keyFunctions.get(name) ?? INDEX.get(name)
    if (between === undefined || subject === undefined)
      return operands.flatMap((operand) => this.#operand(operand, scope))
    const end = rest.findIndex(({ kind }) => kind !== 'string')
    // Only `index` takes several keys; what follows the key of another function is a default.
    const most = INDEX.has(name) ? rest.length : 1
    const keys = rest.slice(0, Math.min(end === -1 ? rest.length : end, most))
    const names = keys.flatMap((key) => (key.kind === 'string' ? [key.value] : []))
    const others = rest.slice(keys.length).flatMap((operand) => this.#operand(operand, scope))
    return [...this.#operand(subject, scope).map((path) => [...path, ...between, ...names]), ...others]
  }

  #operand(node: OperandNode, scope: Scope): readonly DataPath[] {
    switch (node.kind) {
      case 'dot':
        return scope.dot
      case 'field':
        return scope.dot.map((path) => [...path, ...node.names])
      case 'variable':
        return (scope.variables.get(node.name) ?? []).map((path) => [...path, ...node.names])
      case 'chain':
        return this.#operand(node.operand, scope).map((path) => [...path, ...node.names])
      case 'pipe':
        return this.#pipe(node, scope)
      default:
        return []
    }
  }
}

/** `range $key, $item := ...`: the last variable has the item. */
function setItem({ variables }: PipeNode, items: readonly DataPath[], { variables: all }: Scope): void {
  for (const name of variables) all.set(name, [])
  const last = variables.at(-1)
  if (last !== undefined) all.set(last, items)
}

/** An assignment in a branch changes the variable outside it. */
function keepAssigned(inner: Scope, { variables }: Scope): void {
  for (const [name, paths] of variables) {
    const after = inner.variables.get(name) ?? []
    if (after !== paths) variables.set(name, few([...paths, ...after]))
  }
}

function few(paths: readonly DataPath[]): readonly DataPath[] {
  const distinct = new Map(paths.map((path) => [JSON.stringify(path), path]))
  return [...distinct.values()].slice(0, MAX_PATHS)
}
