package dev.poolmark.evaluator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.PrintStream;
import java.io.PrintWriter;

/** Who may know whom, among the rooms of the evaluator. */
@AnalyzeClasses(packages = "dev.poolmark", importOptions = DoNotIncludeTests.class)
class HouseRulesTest {

  private static final String EVALUATOR = "dev.poolmark.evaluator";

  @ArchTest
  static final ArchRule theApiKnowsTheJdkAndForBlocksDjl =
      classes()
          .that()
          .resideInAPackage("dev.poolmark.api")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "dev.poolmark.api", "java..", "ai.djl.nn", "org.jspecify.annotations");

  @ArchTest
  static final ArchRule onlyBlockPoolerKnowsDjlInTheApi =
      noClasses()
          .that()
          .resideInAPackage("dev.poolmark.api")
          .and()
          .doNotHaveSimpleName("BlockPooler")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.djl..");

  @ArchTest
  static final ArchRule theEvaluatorKnowsNoPooler =
      noClasses()
          .that()
          .resideInAPackage(EVALUATOR + "..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.poolmark.poolers..");

  @ArchTest
  static final ArchRule metricsScoresAndTheNumberParserKnowNoVertxAndNoEngine =
      noClasses()
          .that()
          .resideInAnyPackage(EVALUATOR + ".metric..", EVALUATOR + ".score..")
          .or()
          .haveSimpleName("FloatParser")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.vertx..", "ai.djl..");

  @ArchTest
  static final ArchRule nothingImportsTheCommandLine =
      noClasses()
          .that()
          .resideOutsideOfPackage(EVALUATOR + ".cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(EVALUATOR + ".cli..");

  @ArchTest
  static final ArchRule reportsKnowRecordsOnly =
      noClasses()
          .that()
          .resideInAPackage(EVALUATOR + ".report..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.vertx..", "ai.djl..", EVALUATOR + ".dataset..", EVALUATOR + ".torch..");

  @ArchTest
  static final ArchRule onlyTorchAndThoseWhoTrainKnowTheEngine =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              EVALUATOR + ".torch..", EVALUATOR + ".training..", EVALUATOR + ".encoder..")
          .and()
          .resideInAPackage(EVALUATOR + "..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.djl..");

  @ArchTest
  static final ArchRule onlyReportsAndCommandsKnowRetrieval =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              EVALUATOR + ".retrieval..", EVALUATOR + ".report..", EVALUATOR + ".cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(EVALUATOR + ".retrieval..");

  @ArchTest
  static final ArchRule roomsDoNotDependOnEachOtherInCircles =
      slices().matching(EVALUATOR + ".(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule nothingStandsInTheHall =
      noClasses().should().resideInAPackage(EVALUATOR).allowEmptyShould(true);

  @ArchTest
  static final ArchRule numbersAreFormattedInNoOnesLanguage =
      noClasses()
          .should()
          .callMethod(String.class, "format", String.class, Object[].class)
          .orShould()
          .callMethod(String.class, "formatted", Object[].class)
          .orShould()
          .callMethod(PrintStream.class, "printf", String.class, Object[].class)
          .orShould()
          .callMethod(PrintWriter.class, "printf", String.class, Object[].class)
          .orShould()
          .callMethod(String.class, "toLowerCase")
          .orShould()
          .callMethod(String.class, "toUpperCase")
          .because("some languages have other digits and letters, which programs don't read");
}
