/** What a transfer adds, as data: enough to take each addition back, in this process or a later one. */
import type { JsonValue } from '../model/session.ts';
import type { ContentMark } from './disk.ts';

/** A folder that did not exist. */
export interface FolderOp {
  op: 'folder';
  path: string;
}

/** A temporary file, or a folder of segue's own with one. */
export interface TempOp {
  op: 'temp';
  path: string;
}

/** A file at a name that was free. */
export interface FileOp extends ContentMark {
  op: 'file';
  path: string;
}

/** Bytes appended to a file. */
export interface LineOp {
  op: 'line';
  path: string;
  /** The file did not exist. */
  created: boolean;
  /** Size of the file before. */
  offset: number;
  /** What was appended, with the newline that the last line before lacked. */
  text: string;
  /** Name for a rewritten file while the line is removed. */
  temp: string;
}

/** A member added to a JSON file. */
export interface MemberOp {
  op: 'member';
  path: string;
  created: boolean;
  at: string[];
  key?: string;
  value: JsonValue;
  /** Byte offset and bytes of what was put in. */
  offset: number;
  text: string;
  before: ContentMark;
  after: ContentMark;
  temp: string;
}

/** Rows inserted into one database. */
export interface RowsOp {
  op: 'rows';
  database: string;
  rows: { table: string; key: Record<string, string | number | null> }[];
}

/** An import by the agent's own command. */
export interface ImportOp {
  op: 'import';
  /** Deletes the session; `{id}` stands for its id. */
  undo: string[];
  cwd: string;
  id: string;
  /** The command's output tells the id; until then `id` is the planned one, which it may not have kept. */
  guessed: boolean;
  /** The command has run. */
  done: boolean;
}

export type Op = FolderOp | TempOp | FileOp | LineOp | MemberOp | RowsOp | ImportOp;
