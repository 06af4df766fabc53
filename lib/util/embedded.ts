// What a build puts into the one file it makes: lib/build/bundle.ts gives this module another content. Started as it is, the
// operator has its files beside it, and nothing is embedded.

/** A text file of the repository, by its path there. */
export type Asset = { path: string; text: string }

export const embedded = undefined as readonly Asset[] | undefined
