/** What differs between OpenCode and its forks; everything else of the family is shared. */

export interface Family {
  /** Agent id, command, data folder and database name are all this word. */
  id: 'opencode' | 'kilo';
  name: string;
  aliases: string[];
  /** Prefix of its environment variables. */
  envPrefix: 'OPENCODE' | 'KILO';
  /** The agent (mode) that a session starts with. */
  defaultAgent: string;
  /** Version written into a session when the store names none: the one that was tested. */
  testedVersion: string;
  /** Says whether an exported document, which both programs print alike, was written by this one. */
  wrote(version: string, agent: string | undefined): boolean;
  install: string;
}
