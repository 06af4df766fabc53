// Several tests that share one costly set-up: all of them begin when the first is asked for, and each tells how it went.

type Told = { failure?: unknown }
type Open<Scene> = () => Promise<Scene>
type Story<Scene> = (scene: Scene) => Promise<void>
type WithScene<Scene> = (story: Story<Scene>) => Promise<void>

/** Plays all stories at once, each in a scene of its own on one stage, and answers how the one of this title went. */
export function playTogether<Scene>(
  withStage: (use: (open: Open<Scene>) => Promise<Map<string, Told>>) => Promise<Map<string, Told>>,
  stories: Readonly<Record<string, Story<Scene>>>,
): (title: string) => Promise<void> {
  let played: Promise<Map<string, Told>> | undefined
  const play = () =>
    withStage(async (open) => {
      const told = Object.entries(stories).map(async ([title, story]): Promise<[string, Told]> => {
        try {
          await story(await open())
          return [title, {}]
        } catch (failure) {
          return [title, { failure }]
        }
      })
      return new Map(await Promise.all(told))
    })
  return async (title) => {
    const { failure } = (await (played ??= play())).get(title) ?? { failure: 'no such story' }
    if (failure !== undefined) throw failure
  }
}

/** The same one after another, each in a scene that is gone before the next one begins. */
export function playInTurn<Scene>(
  withStage: (use: (withScene: WithScene<Scene>) => Promise<void>) => Promise<void>,
  stories: ReadonlyMap<string, Story<Scene>>,
): (title: string) => Promise<void> {
  const told = new Map<string, Told>()
  let played: Promise<void> | undefined
  const play = (): Promise<void> =>
    withStage(async (withScene) => {
      for (const [title, story] of stories)
        told.set(
          title,
          await withScene(story).then(
            () => ({}),
            (failure: unknown) => ({ failure }),
          ),
        )
    })
  return async (title) => {
    await (played ??= play())
    const { failure } = told.get(title) ?? { failure: 'no such story' }
    if (failure !== undefined) throw failure
  }
}
