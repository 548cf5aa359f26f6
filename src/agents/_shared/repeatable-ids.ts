/** Ids that are the same for each pass over a plan's content. */
export function repeatableIds(make: () => string): () => () => string {
  const made: string[] = [];
  return () => {
    let next = 0;
    return () => {
      const id = made[next] ?? make();
      made[next++] = id;
      return id;
    };
  };
}
