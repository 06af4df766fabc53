// Runs one Helm binary and says what came of it. Knows nothing about what to do next: see plan/.
import { releaseCauses, removalCauses } from '../helm/causes.ts'
import {
  accessArgs,
  dependencyArgs,
  pullArgs,
  dryRunArgs,
  rollbackArgs,
  templateArgs,
  testArgs,
  uninstallArgs,
  upgradeArgs,
  type ClusterAccess,
  type RollbackOptions,
  type UpgradeOptions,
} from '../helm/dialect.ts'
import { helmEnvironment } from '../helm/environment.ts'
import { explainFailure, isNotFound, type FailedCall } from '../helm/failure.ts'
import { fetchCauses } from '../helm/fetchcauses.ts'
import { helm3 } from '../helm/helm3.ts'
import { helm4 } from '../helm/helm4.ts'
import { encodeValues } from '../helm/values.ts'
import type { Identity } from '../model/identity.ts'
import type {
  ChangeCall,
  HelmCall,
  HelmDriver,
  HelmFiles,
  UninstallTarget,
} from '../model/ports.ts'
import type { HelmBinary } from './binaries.ts'
import type { Env } from './child.ts'
import type { Run } from './exec.ts'
import type { Parser } from './parser/parser.ts'
import type { UsageLimits } from './process-usage.ts'
import { render } from './render.ts'
import type { Workdir } from './workdir.ts'

export type HelmDriverOptions = {
  helm: HelmBinary
  run: Run
  // For the values, while helm runs.
  workdir: Workdir
  access: ClusterAccess
  // The operator's own environment.
  env: Env
  // Variables of a helm that fetches charts: through which proxy it goes.
  fetchEnv: Env
  // For what helm renders.
  parser: Parser
  // What one helm process may use.
  limits: UsageLimits
  // For what helm and its discovery keep between two processes.
  cacheDir: string
}

// Told to stop, helm still has to write into its storage that it was.
const graceMs = 15_000
// Helm's timeout holds for each hook and each wait; one that takes longer than all of them hangs.
const deadlineMs = (timeoutMs: number): number => 4 * timeoutMs + 60_000

type Call = Pick<HelmCall, 'timeoutMs' | 'secrets' | 'signal'> & { identity: Identity; env?: Env }
type Failing = Pick<FailedCall, 'verb' | 'object' | 'code'>
// Answers with what it printed.
type Helm = (args: readonly string[], call: Call, failing: Failing) => Promise<string>

/** The driver of one binary. Of what helm prints, nothing leaves it but the sentence of explainFailure(). */
export function createHelmDriver(options: HelmDriverOptions): HelmDriver {
  const { version, major } = options.helm
  const dialect = major === 3 ? helm3 : helm4
  const printing = createHelm(options, { access: options.access, causes: releaseCauses })
  const onRelease = silent(printing)
  const onRemoval = silent(createHelm(options, { access: options.access, causes: removalCauses }))
  const source = { access: {}, causes: fetchCauses }
  const onSource = silent(createHelm(options, { ...source, env: options.fetchEnv }))
  // A downloader plugin asks its cloud for credentials, at addresses that nobody else is to ask.
  const onPlugin = silent(createHelm(options, source))
  const withValues = (
    call: UpgradeCall,
    argsFor: (options: UpgradeOptions) => string[],
  ): Promise<string> =>
    options.workdir.withFile('values.yaml', encodeValues(call.values), (valuesFile) =>
      printing(
        argsFor({ ...upgradeOptions(call), valuesFile }),
        { ...asOwner(call), env: schemaEnv(options, call) },
        failingChange(call),
      ),
    )
  const change = async (call: UpgradeCall): Promise<void> => {
    await withValues(call, (values) => upgradeArgs(dialect, values))
  }
  return {
    version,
    major,
    install: (call) => change({ ...call, action: 'install' }),
    upgrade: (call) => change({ ...call, action: 'upgrade' }),
    render: (call) =>
      render(call, {
        parser: options.parser,
        dryRun: () => withValues(call, (values) => dryRunArgs(dialect, { ...values, version })),
        template: () => withValues(call, templateArgs),
      }),
    rollback: (call) =>
      onRelease(
        rollbackArgs(dialect, rollbackOptions(call)),
        asOwner(call),
        failing('roll back', 'RollbackFailed', call.release),
      ),
    test: (call) =>
      onRelease(
        testArgs({ ...call.release, timeoutMs: call.timeoutMs }),
        asOwner(call),
        failing('test', 'TestFailed', call.release),
      ),
    uninstall: async (call) => {
      const failed = failing('uninstall', 'UninstallFailed', call)
      await onRemoval(uninstallArgs(call), call, failed).catch((error: unknown) => {
        if (!isNotFound(error)) throw error
      })
    },
    pull: (call) =>
      (isPluginUrl(call.chart) ? onPlugin : onSource)(pullArgs(call), asNobody(call), {
        verb: 'fetch',
        object: `chart "${call.chart}"`,
        code: 'ChartNotFound',
      }),
    updateDependencies: (call) =>
      onSource(dependencyArgs(call), asNobody(call), {
        verb: 'update',
        object: `the dependencies of the chart ${call.what ?? `in "${call.chartPath}"`}`,
        code: 'DependencyUpdateFailed',
      }),
  }
}

function createHelm(
  { helm, run, env: host, cacheDir, limits }: HelmDriverOptions,
  kind: { access: ClusterAccess; causes: FailedCall['causes']; env?: Env },
): Helm {
  return async ([command = '', ...args], call, failing) => {
    const { identity, timeoutMs, secrets, signal } = call
    try {
      const helmArgs = [command, ...accessArgs(kind.access, identity), ...args]
      const { stdout } = await run([helm.path, ...helmArgs], {
        env: { ...helmEnvironment(host, { cacheDir, identity }), ...kind.env, ...call.env },
        timeoutMs: deadlineMs(timeoutMs),
        graceMs,
        limits,
        signal,
      })
      return stdout
    } catch (error) {
      throw explainFailure(error, { ...failing, causes: kind.causes, timeoutMs, secrets })
    }
  }
}

function silent(helm: Helm): (...args: Parameters<Helm>) => Promise<void> {
  return async (...args) => void (await helm(...args))
}

function asOwner(call: Omit<Call, 'identity'> & Pick<HelmCall, 'release'>): Call {
  return { ...call, identity: call.release.identity }
}

// A schema that Helm fetches comes through the same proxy as charts do; what is said to the API server of a pod does not.
function schemaEnv({ env, fetchEnv }: HelmDriverOptions, { artifact }: UpgradeCall): Env {
  if (artifact.schemaUrls === undefined) return {}
  const { KUBERNETES_SERVICE_HOST: host = '' } = env
  return { ...fetchEnv, NO_PROXY: host, no_proxy: host }
}

// Fetching a chart asks no cluster.
function asNobody({ dockerConfig, ...call }: Omit<Call, 'identity' | 'env'> & HelmFiles): Call {
  const env = dockerConfig === undefined ? {} : { env: { DOCKER_CONFIG: dockerConfig } }
  return { ...call, ...env, identity: undefined }
}

// Helm itself knows three schemes; "alias/name" is a chart of a repository in a file.
function isPluginUrl(chart: string): boolean {
  return /^[a-z][a-z\d+.-]*:/i.test(chart) && !/^(?:https?|oci):/i.test(chart)
}

type UpgradeCall = Parameters<HelmDriver['render']>[0]

function upgradeOptions(call: UpgradeCall): Omit<UpgradeOptions, 'valuesFile'> {
  const { release, artifact, timeoutMs } = call
  const { releaseName, targetNamespace, maxHistory, skipCrds, disableOpenApiValidation } = release
  const isUpgrade = call.action === 'upgrade'
  return {
    ...{ releaseName, targetNamespace, maxHistory, skipCrds, disableOpenApiValidation, timeoutMs },
    chartPath: artifact.path,
    wait: call.wait ?? release.wait,
    // There is nothing before an install that could be kept, or replaced.
    base: isUpgrade && !release.resetValues ? 'previous' : 'chart',
    force: isUpgrade && release.forceUpgrade,
    method: call.applyMethod ?? 'client',
  }
}

function rollbackOptions(call: ChangeCall & { revision: number }): RollbackOptions {
  const { release, revision, timeoutMs } = call
  const { releaseName, targetNamespace, rollback } = release
  const { disableHooks, recreate, force } = rollback
  return {
    ...{ releaseName, targetNamespace, revision, timeoutMs, disableHooks, recreate, force },
    wait: call.wait ?? rollback.wait,
    method: call.applyMethod ?? 'client',
  }
}

function failingChange({ action, release }: UpgradeCall): Failing {
  return failing(action, action === 'install' ? 'InstallFailed' : 'UpgradeFailed', release)
}

function failing(verb: string, code: Failing['code'], release: UninstallTarget): Failing {
  const { releaseName, targetNamespace } = release
  return { verb, object: `release "${releaseName}" in namespace "${targetNamespace}"`, code }
}
