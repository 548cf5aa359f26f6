import { expect, test } from 'vitest';
import { sessionOf } from '../../../test/session-of.ts';
import { entry, text } from '../../../test/workbench.ts';
import type { Part } from '../../model/session.ts';
import { firstPrompt } from './first-prompt.ts';

const image: Part = { type: 'image', mediaType: 'image/png', data: 'AAAA' };

test('the first text of a person, or a mark for an image', () => {
  const of = (...parts: Part[]) => firstPrompt(sessionOf('claude', [entry('1', 'user', ...parts)]), 5);
  expect(of(image, text('what is this?'))).toBe('what ');
  expect(of(image, text(' \n'))).toBe('[image]');
  expect(firstPrompt(sessionOf('claude', [entry('1', 'assistant', text('no prompt'))]), 5)).toBeUndefined();
});
