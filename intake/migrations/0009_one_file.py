from django.db import migrations

# R43: nothing is written any more about a file that was merged into another. Whoever writes at that very moment waits
# for the merge, and is then refused: what they wrote would have been sealed with a key that is gone.
GUARD = """
CREATE TRIGGER file_not_merged BEFORE INSERT OR UPDATE OF client_id ON intake_referral
    FOR EACH ROW EXECUTE FUNCTION clients_refuse_merged();
CREATE TRIGGER file_not_merged BEFORE INSERT OR UPDATE OF client_id ON intake_openquestion
    FOR EACH ROW EXECUTE FUNCTION clients_refuse_merged();
"""
NO_GUARD = """
DROP TRIGGER file_not_merged ON intake_referral;
DROP TRIGGER file_not_merged ON intake_openquestion;
"""


class Migration(migrations.Migration):
    dependencies = [("clients", "0008_one_file"), ("intake", "0008_basics_first")]

    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
