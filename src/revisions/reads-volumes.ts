/**
 * Determines from the text of a revision's templates whether they may read the pod's volumes or the mounts of its
 * containers. If not, pods that differ only in a volume's name render alike. If it cannot be determined, they may.
 */
import type {
  CompiledTemplate,
  OperandNode,
  ParsedTemplate,
  PipeNode,
  StatementNode,
} from '../gotemplate/index.ts'
import type { RevisionConfig, RevisionInputs } from '../inject/index.ts'
import type { Steps } from '../steps.ts'

/**
 * What a value contains of the pod's volumes. `root`: the template's data; `spec`: its spec; `list` and `container`:
 * containers; `plain`: nothing. A value derived from several has the worst of their kinds.
 */
const KINDS = ['plain', 'container', 'list', 'spec', 'root'] as const
type Kind = (typeof KINDS)[number]

const LISTS = new Set(['Containers', 'InitContainers', 'EphemeralContainers'])
const VOLUMES = /^(?:Get)?Volume/
/** Functions that read names, ports or environment of containers, or count them. */
const NARROW_FUNCTIONS = new Set([
  'applicationPorts',
  'includeInboundPorts',
  'otelResourceAttributes',
  'len',
  'not',
])
/** A merge with such a directive deletes items by name, which leaves no trace in the output. */
const DIRECTIVES = /\$(?:patch|retainKeys|deleteFromPrimitiveList|setElementOrder)|kube-api-access/

/** Whether what the templates are filled from may name the pod's volumes. */
export function textsMayNameVolumes({ injectorConfigMap, meshConfigMap }: RevisionInputs): boolean {
  const texts = [injectorConfigMap.config, injectorConfigMap.values, meshConfigMap.mesh]
  return texts.some((text) => text !== undefined && DIRECTIVES.test(text))
}

/**
 * The templates that may read the pod's volumes.
 * @param known other configurations, which may have the same templates
 */
export function* templatesReadingVolumes(
  templates: RevisionConfig['templates'],
  known: readonly RevisionConfig[],
): Steps<ReadonlySet<CompiledTemplate>> {
  const reading = new Set<CompiledTemplate>()
  for (const [name, template] of templates) {
    const shared = known.find((config) => config.templates.get(name) === template)
    if (shared === undefined) yield
    const reads =
      shared?.templatesReadingVolumes.has(template) ?? templateMayReadVolumes(template.definitions)
    if (reads) reading.add(template)
  }
  return reading
}

/** @param definitions a template and those that it defines */
export function templateMayReadVolumes(definitions: ReadonlyMap<string, ParsedTemplate>): boolean {
  const reader = new VolumeReader()
  // A variable may be set after it was read, in an earlier iteration of a loop, so the walk is repeated until it learns
  // nothing new.
  for (let before = -1; before !== reader.learned; ) {
    before = reader.learned
    for (const { root } of definitions.values()) reader.statements(root.nodes, 'root')
  }
  return reader.found
}

/** One walk over a template; variables are identified by name only. */
class VolumeReader {
  found = false
  learned = 0
  readonly #variables = new Map<string, Kind>()

  statements(nodes: readonly StatementNode[], dot: Kind): void {
    for (const node of nodes) this.#statement(node, dot)
  }

  #statement(node: StatementNode, dot: Kind): void {
    switch (node.kind) {
      case 'action': {
        const kind = this.#pipe(node.pipe, dot)
        // It is printed with everything in it.
        if (node.pipe.variables.length === 0) this.#whole(kind)
        return
      }
      case 'if':
      case 'with':
      case 'range': {
        const kind = node.kind === 'range' ? this.#value(node.pipe, dot) : this.#pipe(node.pipe, dot)
        // Of two variables the first is the index.
        if (node.kind === 'range') this.#assign(node.pipe.variables.slice(-1), memberOf(kind))
        const inner = node.kind === 'if' ? dot : node.kind === 'range' ? memberOf(kind) : kind
        this.statements(node.list.nodes, inner)
        this.statements(node.elseList?.nodes ?? [], dot)
        return
      }
      case 'template': {
        const kind = node.pipe === undefined ? 'plain' : this.#pipe(node.pipe, dot)
        // Each definition is analysed as if it were called with the template's data, which itself contains everything
        // but a part.
        if (kind !== 'root' && kind !== 'plain') this.found = true
        return
      }
    }
  }

  #pipe(pipe: PipeNode, dot: Kind): Kind {
    const kind = this.#value(pipe, dot)
    this.#assign(pipe.variables, kind)
    return kind
  }

  #value(pipe: PipeNode, dot: Kind): Kind {
    let kind: Kind = 'plain'
    pipe.commands.forEach(({ operands }, index) => {
      const [first, ...rest] = operands
      const given = rest.map((operand) => this.#operand(operand, dot))
      if (index > 0) given.push(kind)
      kind =
        first?.kind === 'identifier'
          ? this.#call(first.name, given)
          : first === undefined
            ? 'plain'
            : this.#operand(first, dot)
      // A method, or a function in a field: nothing is known about it.
      if (first?.kind !== 'identifier') for (const one of given) this.#whole(one)
    })
    return kind
  }

  #call(name: string, given: readonly Kind[]): Kind {
    if (NARROW_FUNCTIONS.has(name)) {
      for (const kind of given) if (kind === 'root' || kind === 'spec') this.found = true
      return 'plain'
    }
    if (name === 'index' && given[0] === 'list') return 'container'
    if (name === 'and' || name === 'or') return worst(given)
    for (const kind of given) this.#whole(kind)
    return 'plain'
  }

  #operand(node: OperandNode, dot: Kind): Kind {
    switch (node.kind) {
      case 'dot':
        return dot
      case 'field':
        return this.#fields(dot, node.names)
      case 'variable':
        return this.#fields(
          node.name === '$' ? 'root' : (this.#variables.get(node.name) ?? 'plain'),
          node.names,
        )
      case 'chain':
        return this.#fields(this.#operand(node.operand, dot), node.names)
      case 'pipe':
        return this.#pipe(node, dot)
      case 'identifier':
        return this.#call(node.name, [])
      default:
        return 'plain'
    }
  }

  #fields(from: Kind, names: readonly string[]): Kind {
    let kind = from
    for (const name of names) {
      if (VOLUMES.test(name)) this.found = true
      kind =
        kind === 'root' && name === 'Spec' ? 'spec' : kind === 'spec' && LISTS.has(name) ? 'list' : 'plain'
    }
    return kind
  }

  #assign(variables: readonly string[], kind: Kind): void {
    for (const name of variables) {
      const before = this.#variables.get(name) ?? 'plain'
      const after = worst([before, kind])
      if (after === before) continue
      this.#variables.set(name, after)
      this.learned++
    }
  }

  #whole(kind: Kind): void {
    if (kind !== 'plain') this.found = true
  }
}

function memberOf(kind: Kind): Kind {
  return kind === 'list' ? 'container' : kind
}

function worst(kinds: readonly Kind[]): Kind {
  return kinds.reduce<Kind>((a, b) => (KINDS.indexOf(a) < KINDS.indexOf(b) ? b : a), 'plain')
}
