import type { Scenario } from '../scenario.ts';

/** TypeScript and React: a booking form that has to be accessible. */
export const clinicWeb: Scenario = {
  name: 'clinic-web',
  agent: 'continue',
  cwd: '/Users/sam/clinic',
  branch: 'a11y-booking',
  goal: 'We failed the accessibility audit for the appointment booking (report in docs/audit.pdf, text version docs/audit.txt). «All 14 findings on the booking flow need to be resolved», deadline is the 20th. The flow lives in app/booking.',
  changes: [
    'The date picker vendor ships a fix next week, «so skip findings 6 and 7».',
    'Our designer had a look: «the steps become one long page», no wizard any more. That solves the focus order as well.',
    'Quick detour, «patients from the old app get logged out when they book», please see what that is',
    'Legal wants «consent unticked by default», add it to the same PR',
  ],
  constraints: [
    '«Screen reader texts come from the translation files», five languages, nothing inline',
    'Nobody outside the team may see patient data, «test fixtures are made up, never exported»',
    'Design tokens only. «No hex colours in components.»',
    'Our oldest supported browser is «Safari 15», yes really',
    '«React Query stays on v4» until the platform upgrade',
    "Please don't squash my commits, «rebase only»",
  ],
  decisions: [
    {
      pick: 'native radio inputs',
      over: 'the Radix group',
      why: 'VoiceOver reads the position twice with roving tabindex',
    },
    {
      pick: 'one live region at the page root',
      over: 'a region in every field',
      why: 'NVDA drops messages when several change together',
    },
    {
      pick: 'server-side validation of the slot',
      over: 'trusting the cached list',
      why: 'two patients had booked the same minute',
    },
    { pick: 'fieldset and legend', over: 'aria-labelledby', why: 'Safari 15 ignores the latter on groups' },
    {
      pick: 'keeping the draft in sessionStorage',
      over: 'localStorage',
      why: 'clinics share tablets at the desk',
    },
    {
      pick: 'axe in the Playwright run',
      over: 'a separate job',
      why: 'the pages are already in the right state there',
    },
  ],
  failures: [
    {
      tried: 'setting aria-hidden on the page behind the dialog',
      outcome: 'iOS kept the focus in the hidden part',
    },
    { tried: 'patching the picker with a wrapper', outcome: 'arrow keys moved two days at a time' },
    { tried: 'autofocus on the first error', outcome: 'the summary was never announced' },
    { tried: 'lazy loading the steps', outcome: 'the heading levels jumped while loading' },
    { tried: 'a longer session cookie', outcome: 'the old app overwrites it on every call' },
  ],
  free: [
    {
      kind: 'decision',
      text: 'The phone field accepts anything with seven digits now. «Masks made dictation impossible for two of the testers».',
    },
    {
      kind: 'failed',
      text: '«inert is not there in Safari 15 and the polyfill eats 40 ms per keystroke», so the dialog does it by hand.',
    },
  ],
  plan: [
    'Go through the 14 findings',
    'One-page layout',
    'Error summary with live region',
    'Logout of old app patients',
    'Consent box',
    'axe checks in CI',
  ],
  files: [
    {
      path: 'app/booking/BookingPage.tsx',
      how: 'created',
      before: '',
      after: 'export function BookingPage({ clinic }: { clinic: Clinic }) {',
    },
    {
      path: 'app/booking/ErrorSummary.tsx',
      how: 'created',
      before: '',
      after: '  <div role="alert" ref={summary} tabIndex={-1}>',
    },
    {
      path: 'app/booking/SlotPicker.tsx',
      how: 'changed',
      before: '    <RadioGroup.Root>',
      after: '    <fieldset className={styles.slots}>',
    },
    {
      path: 'app/auth/session.ts',
      how: 'changed',
      before: "  sameSite: 'strict',",
      after: "  sameSite: 'lax',",
    },
    {
      path: 'locales/en.json',
      how: 'changed',
      before: '  "slot": "Time"',
      after: '  "slot": "Time, {{position}} of {{count}}"',
    },
    {
      path: 'e2e/booking.a11y.spec.ts',
      how: 'created',
      before: '',
      after: "test('booking page has no axe violations', async ({ page }) => {",
    },
    { path: 'app/booking/Wizard.tsx', how: 'deleted', before: 'export function Wizard() {}', after: '' },
    {
      path: 'app/booking/labels.ts',
      how: 'moved',
      before: 'export const labels = {};',
      after: 'app/i18n/labels.ts',
    },
  ],
  checks: [
    {
      command: 'pnpm exec playwright test',
      narrow: 'pnpm exec playwright test e2e/booking.a11y.spec.ts',
      failure:
        '  1) [webkit] › e2e/booking.a11y.spec.ts:9:5 › booking page has no axe violations\n    Error: color-contrast: Elements must meet minimum color contrast ratio thresholds (2 nodes)\n  1 failed\n  37 passed (1.2m)',
      message: 'Error: color-contrast: Elements must meet minimum color contrast ratio thresholds (2 nodes)',
      success: '  38 passed (1.1m)',
    },
    {
      command: 'pnpm test',
      narrow: 'pnpm test app/booking/ErrorSummary',
      failure:
        ' FAIL  app/booking/ErrorSummary.test.tsx > moves focus once\nTestingLibraryElementError: Unable to find an accessible element with the role "alert"\n Tests  1 failed | 201 passed (202)',
      message: 'TestingLibraryElementError: Unable to find an accessible element with the role "alert"',
      success: ' Tests  202 passed (202)',
    },
    {
      command: 'pnpm build',
      narrow: 'pnpm --filter web build',
      failure:
        "./app/booking/BookingPage.tsx:31:8\nType error: Property 'clinic' is missing in type '{}' but required in type '{ clinic: Clinic; }'.",
      message:
        "Type error: Property 'clinic' is missing in type '{}' but required in type '{ clinic: Clinic; }'.",
      success: '✓ Compiled successfully\n✓ Generating static pages (24/24)',
    },
  ],
  actions: [
    { command: 'pnpm exec playwright install webkit', output: 'webkit v2215 downloaded' },
    { command: 'pnpm i18n:sync', output: '5 languages, 12 new keys, 0 missing' },
  ],
  asked: {
    question:
      'The audit wants a visible label on the search field, design has none. Visible, or visually hidden?',
    answer: '«visible label, design agreed»',
  },
  openQuestion: '«Who reviews the four translations», or do they go out machine translated?',
  subagents: [
    {
      task: 'Audit findings to components',
      prompt: 'Map each finding in docs/audit.txt to a component.',
      report:
        'Findings 1-5: SlotPicker. 6, 7: DatePicker (vendor). 8-11: Wizard focus order. 12: header. 13, 14: form errors.\n\nWorth knowing: «finding 12 is in the shared header package, not in this repo».',
    },
    {
      task: 'Logout of old app patients',
      prompt: 'Why are patients coming from the old app logged out on booking?',
      report:
        'I followed the redirects in the HAR file. «The booking POST comes from another site, so the strict cookie is not sent». The old app posts a form from book.clinic.example to app.clinic.example; everything else goes by link and works.',
    },
  ],
  end: 'Down to a single axe violation. «Contrast of the disabled slots is 3.9:1, it takes a new token», which is where I stopped.',
  routine: [
    'looks nice, can you show me the page file',
    'and in German?',
    'could you sort these imports',
    'What does lax do again?',
    'run only the webkit project please',
    'put the styles into the module file',
  ],
  nouns: ['slot picker', 'live region', 'error summary', 'session cookie', 'heading', 'consent box', 'label'],
  functions: ['BookingPage', 'useSlots', 'announce', 'validateSlot', 'restoreDraft', 'focusSummary'],
};
