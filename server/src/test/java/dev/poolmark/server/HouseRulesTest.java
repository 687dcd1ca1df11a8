package dev.poolmark.server;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.PrintStream;
import java.io.PrintWriter;

/** Who may know whom, among the rooms of the server. */
@AnalyzeClasses(packages = "dev.poolmark", importOptions = DoNotIncludeTests.class)
class HouseRulesTest {

  private static final String SERVER = "dev.poolmark.server";

  @ArchTest
  static final ArchRule theServerKnowsOfTheEvaluatorWhatItOffers =
      noClasses()
          .that()
          .resideInAPackage(SERVER + "..")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("dev.poolmark.evaluator..", "dev.poolmark.poolers..")
                  .and(
                      not(
                          resideInAnyPackage(
                              "dev.poolmark.evaluator.command..",
                              "dev.poolmark.evaluator.dataset..",
                              "dev.poolmark.evaluator.files..",
                              "dev.poolmark.evaluator.text..",
                              "dev.poolmark.evaluator.worker..")))
                  .and(not(nameMatching(".*[.](PoolerSpec|BadSpecException|Machine)([$].*)?"))));

  @ArchTest
  static final ArchRule modelsAndPoolersRunInChildrenOnly =
      noClasses()
          .that()
          .resideInAPackage(SERVER + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.djl..", "ai.onnxruntime..");

  @ArchTest
  static final ArchRule onlyWorkersStartProcesses =
      noClasses()
          .that()
          .resideInAPackage(SERVER + "..")
          .should()
          .dependOnClassesThat()
          .areAssignableTo(ProcessBuilder.class);

  @ArchTest
  static final ArchRule onlyHttpKnowsTheWeb =
      noClasses()
          .that()
          .resideInAnyPackage(
              SERVER + ".text..",
              SERVER + ".lane..",
              SERVER + ".run..",
              SERVER + ".store..",
              SERVER + ".cluster..",
              SERVER + ".stock..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.vertx.ext.web..", SERVER + ".http..");

  @ArchTest
  static final ArchRule lanesKnowNoOtherRoom =
      classes()
          .that()
          .resideInAPackage(SERVER + ".lane..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              SERVER + ".lane..",
              "dev.poolmark.evaluator.worker",
              "io.vertx.core..",
              "org.slf4j",
              "org.jspecify.annotations",
              "java..");

  @ArchTest
  static final ArchRule runsKnowNoTexts =
      noClasses()
          .that()
          .resideInAPackage(SERVER + ".run..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(SERVER + ".text..");

  @ArchTest
  static final ArchRule textsKnowNoRuns =
      noClasses()
          .that()
          .resideInAPackage(SERVER + ".text..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(SERVER + ".run..");

  @ArchTest
  static final ArchRule onlyTheStoresKnowSql =
      noClasses()
          .that()
          .resideInAPackage(SERVER + "..")
          .and()
          .resideOutsideOfPackage(SERVER + ".store..")
          .and()
          .haveNameNotMatching(
              ".*[.](RunStore|NodeTable|Nodes|Membership|Holdings|Logouts)([$].*)?")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("java.sql..");

  @ArchTest
  static final ArchRule noRoomKnowsTheRoot =
      noClasses()
          .that()
          .resideInAPackage(SERVER + ".*..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(SERVER);

  @ArchTest
  static final ArchRule roomsDoNotDependOnEachOtherInCircles =
      slices().matching(SERVER + ".(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule nothingInHttpGoesInCircles =
      slices().matching(SERVER + ".http.(**)").as("http's rooms").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule theRoomsOfHttpDoNotKnowTheHall =
      noClasses()
          .that()
          .resideInAPackage(SERVER + ".http.*..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(SERVER + ".http");

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
