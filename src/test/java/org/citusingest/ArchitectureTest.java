package org.citusingest;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;

/** Which package may use which: the arrows point one way. */
@AnalyzeClasses(packages = "org.citusingest", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String ROOT = "org.citusingest";
    private static final DescribedPredicate<JavaClass> CAMEL =
            resideInAPackage("org.apache.camel..").as("Camel");

    private static DescribedPredicate<JavaClass> oursBut(String... packages) {
        return resideInAPackage(ROOT + "..")
                .and(DescribedPredicate.not(resideInAnyPackage(packages)))
                .as("ours but " + String.join(", ", packages));
    }

    /** A package may use these packages of ours besides itself. */
    private static ArchRule uses(String name, String... others) {
        String[] allowed = new String[others.length + 1];
        allowed[0] = ROOT + "." + name + "..";
        for (int i = 0; i < others.length; i++) {
            allowed[i + 1] = ROOT + "." + others[i] + "..";
        }
        return noClasses()
                .that()
                .resideInAPackage(ROOT + "." + name + "..")
                .should()
                .dependOnClassesThat(oursBut(allowed));
    }

    @ArchTest static final ArchRule rows_uses_nothing_of_ours = uses("rows");
    @ArchTest static final ArchRule ledger_uses_nothing_of_ours = uses("ledger");
    @ArchTest static final ArchRule demo_uses_nothing_of_ours = uses("demo");
    @ArchTest static final ArchRule routes_uses_nothing_of_ours = uses("routes");
    @ArchTest static final ArchRule pgevent_uses_nothing_of_ours = uses("pgevent");
    @ArchTest static final ArchRule console_uses_nothing_of_ours = uses("console");
    @ArchTest static final ArchRule citus_uses_rows_and_ledger = uses("citus", "rows", "ledger");

    @ArchTest
    static final ArchRule blobs_uses_ledger_and_events = uses("blobs", "ledger", "events");

    @ArchTest static final ArchRule events_uses_nothing_of_ours = uses("events");

    @ArchTest
    static final ArchRule monitoring_looks_at_what_loads =
            uses("monitoring", "ledger", "blobs", "citus", "events");

    @ArchTest
    static final ArchRule cli_uses_neither_blobs_nor_the_root =
            uses("cli", "ledger", "routes", "citus", "demo", "console");

    @ArchTest
    static final ArchRule nobody_uses_the_root =
            noClasses()
                    .that()
                    .resideInAPackage(ROOT + ".*..")
                    .should()
                    .dependOnClassesThat(resideInAPackage(ROOT));

    @ArchTest
    static final ArchRule no_cycles = slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule ledger_and_demo_know_no_camel =
            noClasses()
                    .that()
                    .resideInAnyPackage(ROOT + ".ledger..", ROOT + ".demo..")
                    .should()
                    .dependOnClassesThat(CAMEL);

    @ArchTest
    static final ArchRule rows_knows_camel_only_in_its_data_format =
            noClasses()
                    .that()
                    .resideInAPackage(ROOT + ".rows..")
                    .and()
                    .haveNameNotMatching(
                            ROOT + "\\.rows\\.([a-z]+\\.)?[A-Za-z]*(DataFormat|Converter).*")
                    .should()
                    .dependOnClassesThat(CAMEL);

    @ArchTest
    static final ArchRule rows_knows_none_of_its_formats =
            noClasses()
                    .that()
                    .resideInAPackage(ROOT + ".rows")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(ROOT + ".rows.*..");

    @ArchTest
    static final ArchRule formats_do_not_know_each_other =
            slices().matching(ROOT + ".rows.(*)..").should().notDependOnEachOther();

    @ArchTest
    static final ArchRule those_who_keep_no_tables_hold_no_connection =
            noClasses()
                    .that()
                    .resideInAnyPackage(ROOT + ".rows..", ROOT + ".routes..", ROOT + ".blobs..")
                    .should()
                    .dependOnClassesThat(
                            belongToAnyOf(Connection.class, Statement.class, ResultSet.class));

    @ArchTest
    static final ArchRule only_the_command_line_prints =
            noClasses()
                    .that()
                    .resideOutsideOfPackage(ROOT + ".cli..")
                    .and()
                    .doNotHaveFullyQualifiedName(App.class.getName())
                    .should()
                    .accessField(System.class, "out")
                    .orShould()
                    .accessField(System.class, "err");

    @ArchTest
    static final ArchRule only_those_who_keep_tables_or_notify_write_sql =
            classes()
                    .that(SqlText.IS_IN)
                    .should()
                    .resideInAnyPackage(
                            ROOT + ".ledger..",
                            ROOT + ".citus..",
                            ROOT + ".demo..",
                            ROOT + ".pgevent..")
                    .orShould()
                    .haveSimpleName("Checks");
}
