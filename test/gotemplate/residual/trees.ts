/** Trees of a specialised template, one for each key, as a cache keeps them. Not a test. */
import {
  type Budget,
  type GoValue,
  type PathFits,
  PathNode,
  type Replayed,
  type ResidualTemplate,
} from '../../../src/gotemplate/index.ts'

export interface Trees {
  readonly keys: ReadonlySet<string>
  /** Undefined where the template has to be executed; from the second such request of a key on its path is recorded. */
  run(key: string, data: GoValue, budget: Budget): Replayed | undefined
}

export function treesOf(template: ResidualTemplate, fits: PathFits = () => true): Trees {
  const seen = new Set<string>()
  const trees = new Map<string, PathNode>()
  return {
    keys: template.keys,
    run(key, data, budget) {
      const tree = trees.get(key) ?? new PathNode()
      const found = template.replay(tree, data, budget)
      if (typeof found === 'object') return found
      if (seen.has(key) && found === 'unknown') {
        trees.set(key, tree)
        template.record(tree, data, fits)
      }
      seen.add(key)
      return undefined
    },
  }
}
