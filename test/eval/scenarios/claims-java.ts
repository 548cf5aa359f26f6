import type { Scenario } from '../scenario.ts';

/** Java: an insurance service moved to a new framework version. */
export const claimsJava: Scenario = {
  name: 'claims-java',
  agent: 'qwen',
  cwd: '/srv/claims-service',
  branch: 'boot3',
  goal: '«Upgrade claims-service from Spring Boot 2.7 to 3.3.» Java 11 → 21 goes with it. Around 400 classes, 1,900 tests of which some are flaky already. Please do it in steps that can each be merged, and write down what you find on the way.',
  changes: [
    'The platform team says 21 is not on the build agents before June, «therefore Java 17 for now».',
    'Leave Hibernate 6 for a second PR, «in this one we only get to Boot 3 with the old queries working»',
    'Could you please look at the security config before anything else, «the login of the partner portal is broken on the branch».',
    'We have agreed with the partners that «SOAP endpoints are dropped with this release», so delete instead of migrating.',
  ],
  constraints: [
    'Flyway history is sacred: «existing migrations stay byte for byte what they are»',
    "For audit reasons «the log field names can't change»",
    '«No Lombok in new code», we are phasing it out',
    'Merge requests above 400 lines get rejected by our process, «so 400 changed lines per step»',
    'Customers see these messages, «they are German and informal (du)»',
    '«The flaky ones are listed in FLAKY.md, ignore those and only those»',
  ],
  decisions: [
    {
      pick: 'OpenRewrite for the javax move',
      over: 'search and replace',
      why: 'it also knows which transitive starters have to go along',
    },
    {
      pick: 'a SecurityFilterChain bean per audience',
      over: 'one big chain',
      why: 'partner and staff logins differ in session handling',
    },
    { pick: 'RestClient', over: 'keeping RestTemplate', why: 'the timeouts per call were impossible before' },
    {
      pick: 'pinning Hibernate 5.6 jakarta',
      over: 'moving to 6 at once',
      why: '84 native queries depend on the old type names',
    },
    {
      pick: 'Testcontainers with a shared container',
      over: 'H2',
      why: 'H2 accepts queries that Oracle refuses',
    },
    {
      pick: 'constructor binding for the settings',
      over: 'setters',
      why: 'missing properties then show up at start-up',
    },
  ],
  failures: [
    {
      tried: 'the properties migrator starter',
      outcome: 'it hides the renamed keys instead of reporting them in tests',
    },
    {
      tried: 'excluding javax.servlet on the classpath',
      outcome: 'the SOAP client pulls it in again through axis',
    },
    { tried: 'raising the surefire heap', outcome: 'the context cache still held 60 contexts' },
    {
      tried: 'running both servlet APIs side by side',
      outcome: 'filters got a ClassCastException at the first request',
    },
    { tried: 'marking the flaky tests with RetryingTest', outcome: 'the retries reused the dirty database' },
  ],
  free: [
    {
      kind: 'decision',
      text: 'trailing slash matching is switched back on through configurePathMatch. «Two partners call /claims/ with the slash and won’t change that this year».',
    },
    {
      kind: 'failed',
      text: '«@MockBean in the base class is what multiplies the contexts», sharing it through an interface makes no difference whatsoever.',
    },
  ],
  plan: [
    'Java 17 with Boot 2.7 still in place',
    'javax to jakarta',
    'Security configuration',
    'Old queries on pinned Hibernate',
    'Drop SOAP endpoints',
    'Notes for the release',
  ],
  files: [
    {
      path: 'pom.xml',
      how: 'changed',
      before: '    <version>2.7.18</version>',
      after: '    <version>3.3.5</version>',
    },
    {
      path: 'src/main/java/de/claims/config/PartnerSecurity.java',
      how: 'created',
      before: '',
      after: '    SecurityFilterChain partnerChain(HttpSecurity http) throws Exception {',
    },
    {
      path: 'src/main/java/de/claims/config/StaffSecurity.java',
      how: 'created',
      before: '',
      after: '        return http.securityMatcher("/staff/**").build();',
    },
    {
      path: 'src/main/java/de/claims/config/WebConfig.java',
      how: 'changed',
      before: 'public class WebConfig extends WebMvcConfigurerAdapter {',
      after: 'public class WebConfig implements WebMvcConfigurer {',
    },
    {
      path: 'src/main/resources/application.yml',
      how: 'changed',
      before: 'spring.redis.host: cache',
      after: 'spring.data.redis.host: cache',
    },
    {
      path: 'src/test/java/de/claims/PartnerLoginTest.java',
      how: 'created',
      before: '',
      after: '    void partnerKeepsSessionAcrossRedirect() {',
    },
    {
      path: 'src/main/java/de/claims/soap/ClaimEndpoint.java',
      how: 'deleted',
      before: 'public class ClaimEndpoint {}',
      after: '',
    },
    {
      path: 'src/main/java/de/claims/util/Dates.java',
      how: 'moved',
      before: 'final class Dates {}',
      after: 'src/main/java/de/claims/time/Dates.java',
    },
  ],
  checks: [
    {
      command: './mvnw -q verify',
      narrow: './mvnw -q verify -Dtest=PartnerLoginTest',
      failure:
        '[ERROR] Tests run: 3, Failures: 1, Errors: 0, Skipped: 0\n[ERROR]   PartnerLoginTest.partnerKeepsSessionAcrossRedirect:47 Status expected:<302> but was:<403>\n[INFO] BUILD FAILURE',
      message:
        '[ERROR] PartnerLoginTest.partnerKeepsSessionAcrossRedirect:47 Status expected:<302> but was:<403>',
      success: '',
    },
    {
      command: './mvnw -q compile',
      narrow: './mvnw -q compile -pl core',
      failure:
        '[ERROR] /srv/claims-service/src/main/java/de/claims/config/WebConfig.java:[9,38] cannot find symbol\n[ERROR]   symbol: class WebMvcConfigurerAdapter',
      message:
        '[ERROR] /srv/claims-service/src/main/java/de/claims/config/WebConfig.java:[9,38] cannot find symbol',
      success: '',
    },
    {
      command: './mvnw checkstyle:check',
      narrow: './mvnw checkstyle:check -pl core',
      failure:
        '[WARN] src/main/java/de/claims/config/PartnerSecurity.java:14:1: Using lombok.RequiredArgsConstructor is banned. [IllegalImport]\n[INFO] BUILD FAILURE',
      message:
        '[WARN] src/main/java/de/claims/config/PartnerSecurity.java:14:1: Using lombok.RequiredArgsConstructor is banned. [IllegalImport]',
      success: '[INFO] You have 0 Checkstyle violations.\n[INFO] BUILD SUCCESS',
    },
  ],
  actions: [
    {
      command:
        './mvnw rewrite:run -Drewrite.activeRecipes=org.openrewrite.java.migrate.jakarta.JavaxMigrationToJakarta',
      output: '[WARNING] Changes have been made to 118 files',
    },
    { command: 'docker build -t claims:boot3 .', output: 'naming to docker.io/library/claims:boot3 done' },
  ],
  asked: {
    question: 'The actuator endpoints moved. Should I keep /health on the old path for the load balancer?',
    answer: '«keep the old health path until the network team has changed their checks»',
  },
  openQuestion: '«Is the claims archive job still in use?» It is the last thing that needs axis.',
  subagents: [
    {
      task: 'Inventory of javax',
      prompt: 'Count usages of javax packages by package.',
      report:
        'javax.persistence 212 files, javax.validation 96, javax.servlet 31, javax.xml.bind 18, javax.annotation 40.\n\nNote: «javax.sql and javax.crypto must not be touched», they stay in the JDK.',
    },
    {
      task: 'Partner login',
      prompt: 'Reproduce the 403 of the partner portal on the branch.',
      report:
        'Reproduced with curl and a cookie jar. The first request works, the redirect answers 403. «CSRF is on by default now for the partner chain and the portal never sends a token». Details below.\n\n(long trace left out)',
    },
  ],
  end: 'Compile is clean on 17. «The partner redirect still answers 403», the chain order seems to be the reason, I wanted to try @Order next.',
  routine: [
    'Could you format that class please?',
    'How many files are left?',
    'Please run it once more.',
    'Explain the second bean, please.',
    'Put the same into StaffSecurity.',
    'What did the rewrite change in the tests?',
  ],
  nouns: ['security chain', 'pom', 'starter', 'redirect', 'query', 'context cache', 'settings class'],
  functions: ['partnerChain', 'staffChain', 'configurePathMatch', 'findOpenClaims', 'toDto', 'auditEvent'],
};
