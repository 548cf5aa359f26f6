/** The version of this package, put in by the build. */
declare const SEGUE_VERSION: string | undefined;

/** `0.0.0` when the sources run without a build. */
export const version: string = typeof SEGUE_VERSION === 'string' ? SEGUE_VERSION : '0.0.0';
