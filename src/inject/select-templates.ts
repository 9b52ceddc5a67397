/** Which templates a pod gets: of its annotation, else the configuration's default ones, with aliases put in. */
import { type InjectorConfig, trimGoSpace } from '../istio/index.ts'

/** Aliases are not followed further; an unknown name stays, and refuses the pod when it is looked up. */
export function selectTemplates(injector: InjectorConfig, annotation: string | undefined): readonly string[] {
  const names = annotation === undefined ? injector.defaultTemplates : annotation.split(',').map(trimGoSpace)
  return names.flatMap((name) => injector.aliases.get(name) ?? [name])
}
