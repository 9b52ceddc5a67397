/** The interface between the conformance runner and one kind of corpus folder (`kind` in `meta.json`). */
export interface CaseResult {
  /** As `--case` takes it and as it is printed when it fails. */
  readonly id: string
  readonly passed: boolean
  /** Why it failed, as a readable diff; printed by `--case ID`. */
  readonly detail?: string
  /** Set where the case is on the list of named differences: the reason. Counts as passed and is printed as applied. */
  readonly difference?: string
}

export interface SuiteOptions {
  /** Only this case (a prefix match is not made). */
  readonly caseId?: string
}

export interface Suite {
  readonly kind: string
  /** Runs every case of the folder through the product's own code. */
  run(folder: string, options: SuiteOptions): Iterable<CaseResult>
}
