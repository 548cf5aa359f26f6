import type { Skeleton, SkeletonRecord } from './skeleton.ts';

/**
 * Events retell what items hold. They count only for a side (prompts, answers) of which the file has no items; of the two
 * kinds of events, the turn items win.
 */
export function dropRetold(skeleton: Skeleton, from: number): void {
  const told = new Map<string, 'item' | 'turn-item'>();
  for (const { kind, side, turnItem } of skeleton.records.slice(from)) {
    if (side === undefined) continue;
    if (kind === 'item') told.set(side, 'item');
    else if (turnItem === true && !told.has(side)) told.set(side, 'turn-item');
  }
  const dropped = (record: SkeletonRecord | undefined): boolean => {
    if (record?.kind !== 'said') return false;
    const better = told.get(record.side ?? '');
    return better === 'item' || (better === 'turn-item' && record.turnItem !== true);
  };
  const skip = (index: number): number => {
    let at = index;
    while (at >= from && dropped(skeleton.records[at])) at = skeleton.records[at]?.parent ?? -1;
    return at;
  };
  for (const record of skeleton.records.slice(from)) record.parent = skip(record.parent);
  skeleton.leaf = skip(skeleton.leaf);
  skeleton.rolledBack = skeleton.rolledBack.map(skip);
}
